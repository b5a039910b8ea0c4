"""Keys of persons: HMAC-SHA256 (RFC 2104) of the resolved person id with the home's secret.

The identity is resolved by E05 of the indicator dictionary: an identity card of 15 digits becomes one of 18,
a trailing x is X, a card that is not the person's own (its birth date differs: a child under a guardian's
card) does not count, other documents count with their kind; without any, the platform's person number does.
The secret enters one SQL statement as a parameter and is stored nowhere.
"""

from __future__ import annotations

import duckdb

from warehouse import person_secret
from warehouse.ingest.clean import INVISIBLE
from warehouse.settings import Settings

BLOCK_BYTES = 64
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643, mod 11-2
CHECK_DIGITS = "10X98765432"
HALF_WIDTH = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz()"
FULL_WIDTH = "".join(chr(ord(character) + 0xFEE0) for character in HALF_WIDTH)
KEYED_FEEDS = ("person", "assisted_roster")


def define_identity_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """SQL macros: the check digit, the 18-digit form of an identity card, the resolved id of a person."""
    weighted = " + ".join(f"cast(t[{i}] as integer) * {weight}" for i, weight in enumerate(WEIGHTS, 1))
    connection.execute(
        f"""
        create or replace temp macro check_digit(t) as '{CHECK_DIGITS}'[1 + ({weighted}) % 11];
        create or replace temp macro with_check_digit(t) as t || check_digit(t);
        create or replace temp macro card_of(t) as
            case when regexp_full_match(t, '\\d{{15}}') then with_check_digit(t[1:6] || '19' || t[7:])
                when regexp_full_match(t, '\\d{{17}}[0-9X]') then t end;
        create or replace temp macro document_of(t) as
            nullif(upper(translate(t, '{FULL_WIDTH + INVISIBLE} ', '{HALF_WIDTH}')), '');
        create or replace temp macro is_own_card(card, born) as
            born is null or card[7:14] = strftime(born, '%Y%m%d');
        """
    )


def update_person_keys(
    connection: duckdb.DuckDBPyConnection, feed: str, batch_id: str, settings: Settings
) -> None:
    """Write the keys of the persons of a batch into ``raw.person_key``; within the batch's transaction."""
    if feed not in KEYED_FEEDS:
        return
    define_identity_macros(connection)
    secret = person_secret.read(settings)
    inner = bytes(byte ^ 0x36 for byte in secret.ljust(BLOCK_BYTES, b"\0"))
    outer = bytes(byte ^ 0x5C for byte in secret.ljust(BLOCK_BYTES, b"\0"))
    connection.execute(f"create or replace temp table identity_of as {_identities(feed, batch_id)}")
    connection.execute(
        """
        delete from raw.person_key
        where exists (
            select 1 from identity_of
            where identity_of.id_kind = person_key.id_kind and identity_of.id_value = person_key.id_value
        )
        """
    )
    connection.execute(
        """
        insert into raw.person_key
        select
            id_kind,
            id_value,
            sha256(?::blob || unhex(sha256(?::blob || encode(resolution || ':' || identity)))) as psn_key,
            resolution
        from identity_of
        order by id_kind, id_value
        """,
        [outer, inner],
    )
    connection.execute("drop table identity_of")


def _identities(feed: str, batch_id: str) -> str:
    if feed == "assisted_roster":
        return f"""
            select distinct
                'certno' as id_kind,
                certno as id_value,
                case when card_of(document_of(certno)) is null then 'document' else 'card' end as resolution,
                coalesce(card_of(document_of(certno)), document_of(certno)) as identity
            from raw.assisted_roster
            where _batch_id = '{batch_id}' and document_of(certno) is not null
        """
    return f"""
        with newest as (
            select * from raw.person
            where psn_no in (select psn_no from raw.person where _batch_id = '{batch_id}')
            qualify row_number() over (
                partition by psn_no order by updt_time desc nulls last, hash(certno, brdy, psn_cert_type)
            ) = 1
        ),
        document as (
            select
                psn_no,
                brdy,
                coalesce(psn_cert_type, '01') as psn_cert_type,
                document_of(certno) as document,
                card_of(document_of(certno)) as card
            from newest
        )
        select
            'psn_no' as id_kind,
            psn_no as id_value,
            case
                when psn_cert_type = '01' and card is not null and is_own_card(card, brdy) then 'card'
                when psn_cert_type <> '01' and document is not null then 'document'
                else 'person_number'
            end as resolution,
            case
                when psn_cert_type = '01' and card is not null and is_own_card(card, brdy) then card
                when psn_cert_type <> '01' and document is not null then document
                else psn_no
            end as identity
        from document
    """
