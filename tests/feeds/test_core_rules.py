"""The rules of the core feeds on small cases: ordinary flows pass, each defect is blamed once."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import BatchRule, RowsRule, Rule, columns_of, raw_table_ddl

Row = dict[str, object]
VISIT: Row = {
    "psn_no": "P1",
    "insutype": "390",
    "med_type": "11",
    "setl_time": "2025-03-05 10:00:00",
    "refd_setl_flag": "0",
    "medfee_sumamt": "100",
    "inscp_amt": "90",
    "fulamt_ownpay_amt": "10",
    "hifp_pay": "60",
    "fund_pay_sumamt": "60",
    "psn_pay": "40",
    "acct_pay": "15",
    "cash_payamt": "25",
}
AMOUNTS = ("medfee_sumamt", "inscp_amt", "fulamt_ownpay_amt", "hifp_pay", "fund_pay_sumamt", "psn_pay")
REFUND: Row = VISIT | {name: f"-{VISIT[name]}" for name in (*AMOUNTS, "acct_pay", "cash_payamt")}
REFUND |= {"refd_setl_flag": "1", "init_setl_id": "S1", "setl_id": "S2"}


@pytest.fixture
def feeds() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("create schema raw")
    connection.execute(
        "create table raw.batch as select 'one' as batch_id, date '2025-06-01' as known_on, now() as _ingested_at"
    )
    for feed in FEEDS.values():
        connection.execute(
            raw_table_ddl(feed)
            .replace(" not null", "")
            .replace("_id varchar,", "_id varchar default 'one',", 1)
        )
    yield connection
    connection.close()


def fill(connection: duckdb.DuckDBPyConnection, table: str, feed: str, rows: list[Row]) -> None:
    names = [each.name for each in columns_of(FEEDS[feed])]
    for number, row in enumerate(rows, 1):
        assert row.keys() <= set(names)
        connection.execute(
            f"insert into {table} (_row, {', '.join(row)}) values (?, {', '.join('?' for _ in row)})",
            [number, *row.values()],
        )


def findings(connection: duckdb.DuckDBPyConnection, feed: str, rows: list[Row]) -> set[tuple[str, int]]:
    """The rule code and record number (0 for the batch) of everything broken."""
    columns = ", ".join(f"{each.name} {each.sql_type}" for each in columns_of(FEEDS[feed]))
    connection.execute(
        f"create or replace temp table batch (_row bigint, known_on date default '2025-04-10', {columns})"
    )
    fill(connection, "batch", feed, rows)
    found: set[tuple[str, int]] = set()
    for rule in FEEDS[feed].rules:
        if isinstance(rule, BatchRule):
            broken = f"select 0 from ({rule.measure}) as number (measure) where not ({rule.holds})"
        elif isinstance(rule, RowsRule):
            broken = rule.breaking
        else:
            assert isinstance(rule, Rule)
            broken = f"select _row from batch where not ({rule.holds})"
        if all(
            connection.execute(f"from raw.{need} limit 1").fetchall() for need in getattr(rule, "needs", ())
        ):
            found |= {(rule.code, number) for number, *_ in connection.execute(broken).fetchall()}
    return found


def test_settlement_and_its_refund_pass(feeds: duckdb.DuckDBPyConnection) -> None:
    original = VISIT | {"setl_id": "S1", "refd_setl_flag": "1"}
    assert findings(feeds, "settlement", [original, REFUND]) == set()


def test_refund_of_an_earlier_batch_passes_whatever_versions_there_are(
    feeds: duckdb.DuckDBPyConnection,
) -> None:
    corrected = VISIT | {"setl_id": "S1", "medfee_sumamt": "90", "psn_pay": "30"}
    fill(feeds, "raw.settlement", "settlement", [corrected, VISIT | {"setl_id": "S1"}])
    assert findings(feeds, "settlement", [REFUND]) == set()


def test_refund_waits_for_its_original_and_must_equal_it(feeds: duckdb.DuckDBPyConnection) -> None:
    assert findings(feeds, "settlement", [REFUND]) == {("refund_without_original", 1)}
    larger = VISIT | {"setl_id": "S1", "medfee_sumamt": "110", "fulamt_ownpay_amt": "20", "psn_pay": "50"}
    larger |= {"cash_payamt": "35", "refd_setl_flag": "1"}
    assert findings(feeds, "settlement", [larger, REFUND]) == {("refund_amount_differs", 2)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"psn_pay": "45", "cash_payamt": "30"}, "payers_meet_fee"),
        ({"hifp_pay": "50"}, "fund_parts_meet"),
        ({"cash_payamt": "10"}, "person_parts_meet"),
        ({"cash_payamt": "45", "acct_pay": "-5"}, "payments_have_sign_of_fee"),
        ({"overlmt_selfpay": "-5", "preselfpay_amt": "5"}, "negative_only_in_refunds"),
        ({"inscp_amt": "110", "fulamt_ownpay_amt": None}, "policy_fee_within_total"),
        ({"setl_time": "2025-04-11"}, "settled_in_range"),
        ({"begndate": "2025-03-05", "enddate": "2025-03-04"}, "end_after_begin"),
        ({"gend": "1", "med_type": "51"}, "maternity_is_female"),
        ({"age": "40", "brdy": "1980-01-01"}, "age_meets_birth"),
    ],
)
def test_settlement_defect_is_named(feeds: duckdb.DuckDBPyConnection, change: Row, code: str) -> None:
    found = findings(feeds, "settlement", [VISIT | {"setl_id": "S1"} | change])
    assert {name for name, _ in found} - {"fee_parts_meet", "fee_parts_meet_share"} == {code}


def test_settlement_needs_an_enrolment_on_the_day(feeds: duckdb.DuckDBPyConnection) -> None:
    fill(feeds, "raw.enrolment", "enrolment", [{"psn_no": "P1", "psn_insu_date": "2025-03-06"}])
    assert findings(feeds, "settlement", [VISIT | {"setl_id": "S1"}]) == {("person_enrolled", 1)}
    assert findings(feeds, "settlement", [VISIT | {"setl_id": "S1", "out_flag": "2"}]) == set()
    fill(feeds, "raw.enrolment", "enrolment", [{"psn_no": "P1", "psn_insu_date": "2025-03-05"}])
    assert findings(feeds, "settlement", [VISIT | {"setl_id": "S1"}]) == set()


def test_repeated_settlement_is_told_from_its_new_version(feeds: duckdb.DuckDBPyConnection) -> None:
    visit = VISIT | {"fixmedins_code": "H46010000001"}
    again = findings(feeds, "settlement", [visit | {"setl_id": "S1"}, visit | {"setl_id": "S3"}])
    assert again == {("not_sent_twice", 1), ("not_sent_twice", 2)}
    newer = visit | {"setl_id": "S1", "updt_time": "2025-03-06"}
    assert findings(feeds, "settlement", [visit | {"setl_id": "S1"}, newer]) == set()


def test_a_settlement_sent_again_in_another_file_is_found(feeds: duckdb.DuckDBPyConnection) -> None:
    """One visit under two ids, the first of which was loaded before; its own new version is none."""
    visit = VISIT | {"fixmedins_code": "H46010000001"}
    fill(feeds, "raw.settlement", "settlement", [visit | {"setl_id": "QA1"}])
    assert findings(feeds, "settlement", [visit | {"setl_id": "QB1"}]) == {("not_sent_twice", 1)}
    assert findings(feeds, "settlement", [visit | {"setl_id": "QA1", "updt_time": "2025-03-06"}]) == set()
    for change in (
        {"psn_no": "P2"},
        {"fixmedins_code": "H46010000002"},
        {"setl_time": "2025-03-05 11:00:00"},
    ):
        assert "not_sent_twice" not in {
            code for code, _ in findings(feeds, "settlement", [visit | {"setl_id": "QB1"} | change])
        }


def test_fund_lines_meet_the_settlement(feeds: duckdb.DuckDBPyConnection) -> None:
    settlement = VISIT | {"setl_id": "S1", "maf_pay": "20", "fund_pay_sumamt": "80", "psn_pay": "20"}
    fill(feeds, "raw.settlement", "settlement", [settlement])

    def line(kind: str, amount: str) -> Row:
        return {"setl_id": "S1", "fund_pay_type": kind, "seq": "1", "fund_payamt": amount}

    account = line("310200", "15")
    assert (
        findings(feeds, "settlement_fund_line", [line("390100", "60"), line("610100", "20"), account])
        == set()
    )
    maternity = [line("310100", "40"), line("510100", "20"), line("610100", "20"), account]
    assert findings(feeds, "settlement_fund_line", maternity) == set()
    wrong = findings(feeds, "settlement_fund_line", [line("390100", "70"), line("610100", "10"), account])
    assert wrong == {("fund_lines_meet_settlement", number) for number in (1, 2, 3)}


def test_overlap_counts_only_the_newest_version(feeds: duckdb.DuckDBPyConnection) -> None:
    resident: Row = {
        "psn_insu_rlts_id": "R1",
        "psn_no": "P1",
        "insutype": "390",
        "psn_insu_date": "2024-01-01",
    }
    employee = resident | {"psn_insu_rlts_id": "R2", "insutype": "310", "psn_insu_date": "2025-01-01"}
    fill(feeds, "raw.enrolment", "enrolment", [resident | {"updt_time": "2024-01-01"}])
    codes = {code for code, _ in findings(feeds, "enrolment", [employee])}
    assert codes == {"enrolled_once"}
    ended = resident | {"updt_time": "2025-01-01", "paus_insu_date": "2025-01-01"}
    assert {code for code, _ in findings(feeds, "enrolment", [ended, employee])} == set()


def test_person_checks(feeds: duckdb.DuckDBPyConnection) -> None:
    # a region prefix that does not exist, the check character by GB 11643
    good: Row = {"psn_no": "P1", "psn_cert_type": "01", "brdy": "1980-01-01"}
    digits = "99999919800101001"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    good["certno"] = digits + "10X98765432"[remainder]
    assert findings(feeds, "person", [good]) == set()
    wrong = good | {"certno": digits + "10X98765432"[remainder - 1], "psn_no": "P2"}
    assert findings(feeds, "person", [good, wrong]) == {("identity_check_digit", 2)}
    twice = findings(feeds, "person", [good, good | {"psn_no": "P2"}])
    assert twice == {("one_number_per_identity", 1), ("one_number_per_identity", 2)}
    unborn = findings(feeds, "person", [good | {"certno": None, "brdy": "2025-05-01"}])
    assert unborn == {("birth_in_range", 1)}


def test_contributions_meet_the_ledger(feeds: duckdb.DuckDBPyConnection) -> None:
    paid: Row = {"clct_detl_id": "C1", "psn_no": "P1", "insutype": "390", "accrym_begn": "202501"}
    paid |= {"cashym": "202503", "psn_clct_amt": "400", "finsubs_amt": "600", "clct_sumamt": "1000"}
    booked: Row = {"admdvs": "460100", "fund_code": "resident", "ym": "202503", "ledger_version": "月报"}
    booked |= {"subject_code": "income_individual", "amount_yuan": "1010"}
    quick = booked | {"ledger_version": "快报", "amount_yuan": "5000"}
    fill(feeds, "raw.fund_ledger", "fund_ledger", [booked, quick])
    assert findings(feeds, "contribution", [paid]) == {("meets_ledger", 0)}
    assert findings(feeds, "contribution", [paid | {"finsubs_amt": "610", "clct_sumamt": "1010"}]) == set()
    broken = findings(feeds, "contribution", [paid | {"clct_sumamt": "1010", "accrym_end": "202413"}])
    assert broken == {
        ("parts_meet_total", 1),
        ("parts_meet_total_share", 0),
        ("last_month", 1),
        ("months_in_order", 1),
    }


def test_clearing_is_paid_as_applied(feeds: duckdb.DuckDBPyConnection) -> None:
    row: Row = {"clr_appy_evt_id": "A1", "fund_code": "resident", "fixmedins_code": "H1", "clr_ym": "202503"}
    row |= {"appy_fund": "60", "audit_deduct": "1", "reserve": "3", "actual_pay": "56", "clr_stas": "60"}
    row |= {"pay_date": "2025-04-02"}
    fill(feeds, "raw.settlement", "settlement", [VISIT | {"setl_id": "S1", "fixmedins_code": "H1"}])
    assert findings(feeds, "clearing", [row]) == set()
    assert findings(feeds, "clearing", [row | {"pay_date": None}]) == {("paid_has_date", 1)}
    assert findings(feeds, "clearing", [row | {"actual_pay": "57"}]) == {("payment_meets_application", 1)}
    assert findings(feeds, "clearing", [row | {"clr_stas": "20", "actual_pay": "0"}]) == set()
    more = row | {"appy_fund": "70", "actual_pay": "66"}
    assert findings(feeds, "clearing", [more]) == {("applications_meet_settlements", 0)}


def test_grouping_and_fees_meet_settlements(feeds: duckdb.DuckDBPyConnection) -> None:
    stay = VISIT | {"setl_id": "S1", "med_type": "21"}
    fill(feeds, "raw.settlement", "settlement", [stay])
    listed: Row = {"setl_id": "S1", "grp_ver": "1", "is_actual_pay": "1", "medfee_sumamt": "100"}
    assert findings(feeds, "grouping", [listed]) == set()
    lost = {code for code, _ in findings(feeds, "grouping", [listed, listed | {"setl_id": "S9"}])}
    assert lost == {"lists_settled", "lists_settled_floor"}
    fee: Row = {"setl_id": "S1", "med_chrgitm_type": "01", "list_type": "101", "chrgitm_lv": "01"}
    assert findings(feeds, "fee_summary", [fee | {"det_item_fee_sumamt": "100.05"}]) == set()
    assert findings(feeds, "fee_summary", [fee | {"det_item_fee_sumamt": "101"}]) == {
        ("fees_meet_settlement", 1)
    }


STAY: Row = VISIT | {"med_type": "21", "insu_admdvs": "460100"}
PAID: Row = {"psn_no": "P1", "insutype": "390", "accrym_begn": "202501", "insu_admdvs": "460100"}


def paid(number: int, amount: str, original: int | None = None, **cells: object) -> Row:
    named = {"init_clct_detl_id": f"C{original}"} if original else {}
    return (
        PAID | {"clct_detl_id": f"C{number}", "clct_sumamt": amount, "psn_clct_amt": amount} | named | cells
    )


def test_rows_of_another_province_or_scheme_or_of_no_region_are_said(
    feeds: duckdb.DuckDBPyConnection,
) -> None:
    here = STAY | {"setl_id": "S1"}
    rows = [
        here,
        here
        | {
            "setl_id": "S2",
            "insu_admdvs": "440000",
            "medfee_sumamt": "101",
            "psn_pay": "41",
            "cash_payamt": "26",
        }
        | {"fulamt_ownpay_amt": "11"},
        here | {"setl_id": "S3", "insu_admdvs": None, "psn_no": "P2"},
        here | {"setl_id": "S4", "insutype": "391", "psn_no": "P3"},
        here | {"setl_id": "S5", "insu_admdvs": "440000", "out_flag": "2", "psn_no": "P4"},
    ]
    found = {("region_in_province", 2), ("region_stated", 3), ("scheme_counted", 4)}
    assert findings(feeds, "settlement", rows) == found
    assert findings(feeds, "settlement", [here | {"insu_admdvs": None}]) == set()  # the column is missing
    contributions = [paid(1, "400"), paid(2, "400", insu_admdvs="440000"), paid(3, "400", insutype="340")]
    contributions += [paid(4, "400", insu_admdvs=None), paid(5, "-400", 1, insu_admdvs=None)]
    found = {("region_in_province", 2), ("scheme_counted", 3), ("region_stated", 4)}
    assert findings(feeds, "contribution", contributions) == found


def test_a_positive_row_that_names_another_is_said(feeds: duckdb.DuckDBPyConnection) -> None:
    rows = [VISIT | {"setl_id": "S1"}, VISIT | {"setl_id": "S2", "init_setl_id": "S1", "psn_no": "P2"}]
    assert findings(feeds, "settlement", rows) == {("names_another", 2)}
    assert findings(feeds, "contribution", [paid(1, "400"), paid(2, "400", 1)]) == {("names_another", 2)}
    assert findings(feeds, "contribution", [paid(1, "-400")]) == {("negative_only_in_reversals", 1)}


def test_more_than_there_was_to_take_back_is_said(feeds: duckdb.DuckDBPyConnection) -> None:
    original, again = (
        VISIT | {"setl_id": "S1", "refd_setl_flag": "1"},
        REFUND | {"setl_id": "S3", "psn_no": "P1"},
    )
    assert findings(feeds, "settlement", [original, REFUND]) == set()
    minute_later = again | {"setl_time": "2025-03-05 10:01:00"}
    assert findings(feeds, "settlement", [original, REFUND, minute_later]) == {
        ("refunded_once", 2),
        ("refunded_once", 3),
    }
    fill(feeds, "raw.settlement", "settlement", [original, REFUND])
    assert findings(feeds, "settlement", [minute_later]) == {("refunded_once", 1)}
    restored = [paid(1, "400"), paid(2, "-400", 1), paid(3, "400", 2), paid(4, "-400", 1)]
    assert findings(feeds, "contribution", restored) == set()
    parts = [paid(1, "400"), paid(2, "-220", 1), paid(3, "-180", 1)]
    assert findings(feeds, "contribution", parts) == set()
    found = {("reversed_within_amount", 2), ("reversed_within_amount", 3), ("reversed_within_amount", 4)}
    assert findings(feeds, "contribution", [*parts, paid(4, "-1", 1)]) == found


@pytest.mark.parametrize(
    "change",
    [{"psn_no": "P2"}, {"insutype": "310"}, {"fixmedins_code": "H2"}, {"setl_time": "2025-03-04 10:00:00"}],
)
def test_a_refund_of_another_visit_than_it_names_is_said(
    change: Row, feeds: duckdb.DuckDBPyConnection
) -> None:
    original = VISIT | {"setl_id": "S1", "refd_setl_flag": "1", "fixmedins_code": "H1"}
    refund = REFUND | {"fixmedins_code": "H1"}
    assert findings(feeds, "settlement", [original, refund]) == set()
    assert ("refund_of_another", 2) in findings(feeds, "settlement", [original, refund | change])
    fill(feeds, "raw.settlement", "settlement", [original])
    assert ("refund_of_another", 1) in findings(feeds, "settlement", [refund | change])


def test_one_payment_under_two_ids_is_said_also_across_files(feeds: duckdb.DuckDBPyConnection) -> None:
    first, second = paid(1, "400"), paid(2, "400")
    assert findings(feeds, "contribution", [first, second]) == {("not_paid_twice", 1), ("not_paid_twice", 2)}
    assert findings(feeds, "contribution", [first, paid(2, "380")]) == set()
    assert findings(feeds, "contribution", [first, paid(2, "-400", 1), paid(3, "400")]) == set()
    fill(feeds, "raw.contribution", "contribution", [first])
    assert findings(feeds, "contribution", [second]) == {("not_paid_twice", 1)}
    assert findings(feeds, "contribution", [first]) == set()


def test_a_reversal_waits_for_what_it_reverses(feeds: duckdb.DuckDBPyConnection) -> None:
    assert findings(feeds, "contribution", [paid(2, "-400", 1)]) == {("reversal_without_original", 1)}
    fill(feeds, "raw.contribution", "contribution", [paid(1, "400")])
    assert findings(feeds, "contribution", [paid(2, "-400", 1)]) == set()


def test_stays_that_overlap_are_said_but_parts_of_one_are_not(feeds: duckdb.DuckDBPyConnection) -> None:
    first = STAY | {"setl_id": "S1", "mdtrt_id": "V1", "begndate": "2025-03-01", "enddate": "2025-03-05"}
    overlapping = first | {
        "setl_id": "S2",
        "mdtrt_id": "V2",
        "begndate": "2025-03-04",
        "enddate": "2025-03-06",
    }
    overlapping |= {"setl_time": "2025-03-06 10:00:00"}
    following = overlapping | {"setl_id": "S3", "begndate": "2025-03-05"}
    assert findings(feeds, "settlement", [first, overlapping]) == {("stays_apart", 1), ("stays_apart", 2)}
    assert findings(feeds, "settlement", [first, following]) == set()
    assert findings(feeds, "settlement", [first, overlapping | {"mdtrt_id": "V1"}]) == set()
    fill(feeds, "raw.settlement", "settlement", [first])
    assert findings(feeds, "settlement", [overlapping]) == {("stays_apart", 1)}


def test_an_interim_settlement_names_its_visit(feeds: duckdb.DuckDBPyConnection) -> None:
    interim = STAY | {"setl_id": "S1", "mid_setl_flag": "1"}
    assert findings(feeds, "settlement", [interim]) == {("interim_names_visit", 1)}
    assert findings(feeds, "settlement", [interim | {"mdtrt_id": "V1"}]) == set()


def test_a_figure_of_a_district_is_said(feeds: duckdb.DuckDBPyConnection) -> None:
    entry: Row = {"fund_code": "resident", "subject_code": "income_interest", "ym": "202503"}
    entry |= {"ledger_version": "快报", "amount_yuan": "1"}
    district, city = entry | {"admdvs": "460106"}, entry | {"admdvs": "460100"}
    county = entry | {"admdvs": "469021"}

    def said(rows: list[Row]) -> set[tuple[str, int]]:
        return {each for each in findings(feeds, "fund_ledger", rows) if each[0] == "district_in_city"}

    assert said([district, county]) == set()
    assert said([district, city, county]) == {("district_in_city", 1)}
    figure: Row = {"year": 2024, "indicator": "resident_population", "value": "1", "unit": "人"}
    figures = [figure | {"admdvs": code} for code in ("460106", "460100", "469021", "460000", "440000")]
    assert ("unit_not_district", 1) in findings(feeds, "reference_figure", figures)
    assert {
        number for name, number in findings(feeds, "reference_figure", figures) if name == "unit_not_district"
    } == {1}
