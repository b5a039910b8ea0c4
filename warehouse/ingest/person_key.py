"""Keys of persons: HMAC-SHA256 (RFC 2104) of the resolved person id with the home's secret.

The identity is resolved by E05 of the indicator dictionary: an identity card of 15 digits becomes one of 18,
a trailing x is X, a card that is not the person's own (its birth date differs: a child under a guardian's
card) does not count, other documents count with their kind; without any, the platform's person number does.
Each version of a person has its key: which version counts, staging decides, as for everything else.
The secret enters one SQL statement as a parameter and is stored nowhere.
"""

from __future__ import annotations

import duckdb

from warehouse import person_secret
from warehouse.ingest.spelling import INVISIBLE
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
    connection: duckdb.DuckDBPyConnection, feed: str, batch_id: str | None, settings: Settings
) -> None:
    """Write the keys that rows of a batch, or of all, lack into ``raw.person_key``; within a transaction."""
    if feed not in KEYED_FEEDS:
        return
    define_identity_macros(connection)
    secret = person_secret.read(settings)
    inner = bytes(byte ^ 0x36 for byte in secret.ljust(BLOCK_BYTES, b"\0"))
    outer = bytes(byte ^ 0x5C for byte in secret.ljust(BLOCK_BYTES, b"\0"))
    connection.execute(f"create or replace temp table identity_of as {_identities(feed, batch_id)}")
    connection.execute(
        """
        insert into raw.person_key by name
        select
            id_kind,
            id_value,
            sha256(?::blob || unhex(sha256(?::blob || encode(resolution || ':' || identity)))) as psn_key,
            resolution,
            _batch_id,
            _row
        from identity_of
        order by id_kind, id_value, _batch_id, _row
        """,
        [outer, inner],
    )
    connection.execute("drop table identity_of")


def complete_person_keys(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write what keys are lacking: a database of an earlier version of the program has none of this form."""
    lacking = connection.execute(
        """
        select
            (select count(*) from raw.person) <> count(*) filter (id_kind = 'psn_no'),
            exists (select 1 from raw.assisted_roster) and count(*) filter (id_kind = 'certno') = 0
        from raw.person_key
        """
    ).fetchall()[0]
    if any(lacking):
        forget_person_keys(connection)
        for feed in KEYED_FEEDS:
            update_person_keys(connection, feed, None, settings)


def forget_person_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove the keys of versions of persons that are there no longer."""
    connection.execute(
        """
        delete from raw.person_key
        where id_kind = 'psn_no' and not exists (
            select 1 from raw.person
            where person._batch_id = person_key._batch_id and person._row = person_key._row
        )
        """
    )


def _identities(feed: str, batch_id: str | None) -> str:
    which = f"_batch_id = '{batch_id}'" if batch_id else "true"
    if feed == "assisted_roster":
        return f"""
        select
            'certno' as id_kind,
            certno as id_value,
            case when card_of(document_of(certno)) is null then 'document' else 'card' end as resolution,
            coalesce(card_of(document_of(certno)), document_of(certno)) as identity,
            null as _batch_id,
            null as _row
        from (select distinct certno from raw.assisted_roster where {which}) as roster
        anti join raw.person_key on id_kind = 'certno' and id_value = certno
        where document_of(certno) is not null
        """
    return f"""
        with document as (
            select
                psn_no,
                brdy,
                coalesce(psn_cert_type, '01') as psn_cert_type,
                document_of(certno) as document,
                card_of(document_of(certno)) as card,
                _batch_id,
                _row
            from raw.person
            anti join raw.person_key
                on person_key.id_kind = 'psn_no'
                and person_key._batch_id = person._batch_id
                and person_key._row = person._row
            where {"person." + which if batch_id else which}
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
            end as identity,
            _batch_id,
            _row
        from document
    """
