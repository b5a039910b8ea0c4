"""What is written and what is stored: a table of values for each kind of dirt in the source model."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from warehouse.home import writer
from warehouse.ingest import clean, codes
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import Settings

Row = dict[str, str]
GOOD_ROWS = 110  # for every value that is tried, for less than 1 % of a file may fail
USUAL: dict[str, Row] = {
    "settlement": {
        "setl_id": "",
        "psn_no": "46999901",
        "psn_name": "张三",
        "insutype": "310",
        "insu_admdvs": "460100",
        "setl_time": "2025-01-15 10:00:00",
        "begndate": "2025-01-15",
        "med_type": "11",
        "medfee_sumamt": "100.00",
        "balc": "1.00",
        "refd_setl_flag": "0",
        "gend": "1",
        "hosp_lv": "11",
        "mdtrt_id": "M1",
    },
    "person": {"psn_no": "", "psn_name": "李四", "certno": "", "brdy": "1949-12-31", "gend": "1"},
    "contribution": {
        "clct_detl_id": "",
        "psn_no": "46999901",
        "insutype": "310",
        "accrym_begn": "202401",
        "accrym_end": "202501",
        "cashym": "202501",
        "clct_sumamt": "1.00",
    },
    "enrolment": {
        "psn_insu_rlts_id": "",
        "psn_no": "46999901",
        "insutype": "310",
        "insu_admdvs": "460100",
        "psn_insu_date": "2025-01-01",
        "paus_insu_date": "",
    },
    "service_item": {"item_code": "", "list_version": "2025", "material_cnt": "3"},
}


def load(settings: Settings, feed: str, rows: list[Row]) -> None:
    path = settings.home.parent / f"{feed}@2025-02-01.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, fieldnames=list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    with writer(settings):
        (outcome,) = ingest(files_in([path]), settings)
    assert outcome.status == "accepted", outcome.message.zh


def raw(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def stored(settings: Settings, feed: str, column: str, values: list[str]) -> dict[str, str | None]:
    """Load a file in which single records hold the values: what is stored of each, or the reasons against."""
    key = next(iter(USUAL[feed]))
    rows = [USUAL[feed] | {key: f"R{number}"} for number in range(len(values) * GOOD_ROWS)]
    for place, value in enumerate(values):
        rows[place * GOOD_ROWS + 1][column] = value
    load(settings, feed, rows)
    return _found(settings, feed, column, {place * GOOD_ROWS + 2: each for place, each in enumerate(values)})


def stored_of_column(settings: Settings, feed: str, column: str, values: list[str]) -> dict[str, str | None]:
    """Load a file in which every record is written in this way, with the values one after another."""
    key = next(iter(USUAL[feed]))
    rows = [
        USUAL[feed] | {key: f"R{number}", column: values[number % len(values)]}
        for number in range(len(values) * 3)
    ]
    load(settings, feed, rows)
    return _found(settings, feed, column, dict(enumerate(values, start=1)))


def _found(settings: Settings, feed: str, column: str, written: dict[int, str]) -> dict[str, str | None]:
    accepted = dict(raw(settings, f"select _row, cast({column} as varchar) from raw.{feed}"))
    refused = {
        row["record"]: "! " + " ".join(row["codes"])
        for path in settings.quarantine.glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    }
    found = accepted | refused
    return {value: found[record] for record, value in written.items()}


def findings(settings: Settings, *rules: str) -> dict[object, object]:
    listed = ", ".join(f"'{rule}'" for rule in rules)
    return dict(raw(settings, f"select rule, rows_found from raw.finding where rule in ({listed})"))


AMOUNTS = {
    "1,234.50": "1234.50",
    "12,345,678": "12345678.00",
    "￥12.30": "12.30",
    "¥ 12.30": "12.30",
    "12.30元": "12.30",
    "(123.45)": "-123.45",
    "（1,123.45）": "-1123.45",
    "１２．５０": "12.50",
    " 7.00 ": "7.00",
    "7.5\u200b": "7.50",
    "1.2E7": "12000000.00",
    "1.234560E+03": "1234.56",
    "-1.5E-01": "-0.15",
    "0E-10": "0.00",
    "12.3400000000": "12.34",
    "-0": "0.00",
    "+5": "5.00",
    "1.230": "1.23",
    "99999999999999.99": "99999999999999.99",
    "—": None,
    "-": None,
    "/": None,
    "无": None,
    "NULL": None,
    "\\N": None,
    "": None,
    "12345678901.23": "12345678901.23",
    "1.005": "! scale:balc",
    "12.34004": "! scale:balc",
    "12.3400000000000001": "! scale:balc",
    "1.0E-5": "! scale:balc",
    "1.0E-10": "! format:balc",
    "1.2E+07": "! format:balc",
    "1.23457E+11": "! format:balc",
    "1.2345678901E9": "1234567890.10",
    "1 2 3": "! format:balc",
    "1\u00a0234.00": "! format:balc",
    "1,23": "! format:balc",
    "12.3.4": "! format:balc",
    "约12": "! format:balc",
    "12万元": "! format:balc",
    "100000000000000": "! format:balc",
    "9" * 40: "! format:balc",
    "1e400": "! format:balc",
    "inf": "! format:balc",
    "nan": "! format:balc",
    "0x10": "! format:balc",
    "$50": "! format:balc",
    "$ 1,234.50": "! format:balc",
    "RMB50": "! format:balc",
    "5_0.00": "! format:balc",
    "1_000": "! format:balc",
    "-5_0": "! format:balc",
}


def test_amounts_q05(home: Settings) -> None:
    assert stored(home, "settlement", "balc", list(AMOUNTS)) == AMOUNTS


def test_a_whole_column_of_printed_amounts(home: Settings) -> None:
    written = {"￥1,234.50": "1234.50", "(3.00)": "-3.00", "—": None, "12": "12.00", "1.2E7": "12000000.00"}
    assert stored_of_column(home, "settlement", "balc", list(written)) == written


@pytest.mark.parametrize("written", ["5_0.00", "1_000", " 5_0", "+5_0.5"])
def test_digits_that_are_joined_by_a_low_line_are_no_number_in_any_reader(
    home: Settings, written: str
) -> None:
    found = stored(home, "settlement", "balc", [written, "7.00"])
    assert found == {written: "! format:balc", "7.00": "7.00"}


WHOLE_NUMBERS = {
    "2.0": "2",
    "1_0": "! format:material_cnt",
    "1,000": "1000",
    "３": "3",
    "1e2": "100",
    "—": None,
    "1.5": "! scale:material_cnt",
    "一": "! format:material_cnt",
    "9223372036854775808": "! format:material_cnt",
}


def test_whole_numbers_are_not_rounded(home: Settings) -> None:
    assert stored(home, "service_item", "material_cnt", list(WHOLE_NUMBERS)) == WHOLE_NUMBERS


def test_a_whole_column_with_fractions_is_not_rounded(home: Settings) -> None:
    rows = [
        USUAL["service_item"] | {"item_code": f"R{number}", "material_cnt": "1.0"} for number in range(300)
    ]
    rows[7]["material_cnt"] = "1.5"
    rows[8]["material_cnt"] = "２"
    load(home, "service_item", rows)
    assert raw(home, "select distinct material_cnt from raw.service_item order by 1") == [(1,), (2,)]
    assert raw(home, "select rows_refused from raw.batch") == [(1,)]


DATES = {
    "2025-1-5": "2025-01-05",
    "2025/01/05": "2025-01-05",
    "2025.1.5": "2025-01-05",
    "20250105": "2025-01-05",
    "2025年1月5日": "2025-01-05",
    "２０２５-０１-０５": "2025-01-05",
    "2025-01-05 23:59:59": "2025-01-05",
    "2025/1/5 8:30": "2025-01-05",
    "2025-01-05T08:00:00+08:00": "2025-01-05",
    "20250105083000": "2025-01-05",
    "2025-01-04T16:00:00.000Z": "2025-01-05",
    "2025-01-04 16:00:00+00": "2025-01-05",
    "2025-01-05 23:30:00 Asia/Tokyo": "2025-01-05",
    "2025-01-05 00:30:00+09:00": "2025-01-04",
    "1988-05-31T15:00:00.000Z": "1988-06-01",
    '="2025-01-05"': "2025-01-05",
    "'2025-01-05": "2025-01-05",
    "2025-01-05 10:00:00 CST": "! format:begndate",
    "2025-01-05+09:00": "! format:begndate",
    "45662": "2025-01-05",
    "45662.75": "2025-01-05",
    "9999-12-31": "! range:begndate",
    "2101-01-01": "! range:begndate",
    "2100-12-31": "2100-12-31",
    "—": None,
    "0000-00-00": None,
    "2025-02-30": "! format:begndate",
    "2025-13-01": "! format:begndate",
    "202501": "! format:begndate",
    "2025年1月": "! format:begndate",
    "60001": "! format:begndate",
    "-1": "! format:begndate",
    "25-1-5": "! range:begndate",
    "0000-01-01": "! range:begndate",
    "-0001-01-01": "! format:begndate",
    "infinity": "! range:begndate",
    "10000-01-01": "! format:begndate",
}


def test_dates_q04(home: Settings) -> None:
    assert stored(home, "settlement", "begndate", list(DATES)) == DATES
    assert findings(home, "empty_date:begndate") == {"empty_date:begndate": 1}


@pytest.mark.parametrize(
    "written", ["20250105", "2025年1月5日", "2025.1.5", "45662", "2025-01-05T00:00:00+08:00", "2025/1/5 0:00"]
)
def test_a_whole_column_in_another_date_format(home: Settings, written: str) -> None:
    assert stored_of_column(home, "settlement", "begndate", [written, ""]) == {
        written: "2025-01-05",
        "": None,
    }


@pytest.mark.parametrize(
    ("column", "written", "whole"),
    [("begndate", "2025111", "20250111"), ("setl_time", "2025011515302", "20250115153002")],
)
def test_a_date_without_signs_has_all_its_digits(
    column: str, written: str, whole: str, home: Settings
) -> None:
    rows = [USUAL["settlement"] | {"setl_id": f"R{number}", column: whole} for number in range(300)]
    rows[7][column] = written
    load(home, "settlement", rows)
    assert raw(home, "select rows_accepted, rows_refused from raw.batch") == [(299, 1)]


MOMENTS = {
    "2025/1/15 9:05": "2025-01-15 09:05:00",
    "2025年1月15日 9:05:10": "2025-01-15 09:05:10",
    "20250115 09:05:10": "2025-01-15 09:05:10",
    "20250115090510": "2025-01-15 09:05:10",
    "2025-01-15T09:05:10+08:00": "2025-01-15 09:05:10",
    "2025-01-15T01:05:10Z": "2025-01-15 09:05:10",
    "2025-01-15T01:05:10.250Z": "2025-01-15 09:05:10.25",
    "2025-01-15 01:05:10+00": "2025-01-15 09:05:10",
    "2025-01-15 01:05 UTC": "2025-01-15 09:05:00",
    "2025-01-15T10:05:10+0900": "2025-01-15 09:05:10",
    "2025-01-15 09:05:10 UTC+8": "2025-01-15 09:05:10",
    "2025-01-15T09:05:10+08:00[Asia/Shanghai]": "2025-01-15 09:05:10",
    "2025-01-15 10:05:10 Asia/Tokyo": "2025-01-15 09:05:10",
    "20250115T010510Z": "2025-01-15 09:05:10",
    "2025-01-15 09:05:10 PM": "2025-01-15 21:05:10",
    "2025-01-15 09:05:10 CST": "! format:setl_time",
    "2025-01-15 09:05:10 No/Where": "! format:setl_time",
    "2025-01-15 09:05:10+25:00": "! format:setl_time",
    "2025-01-15 09:05:10 x": "! format:setl_time",
    "2025-01-15 09:05:10.5": "2025-01-15 09:05:10.5",
    "2025-01-15 23:59:59": "2025-01-15 23:59:59",
    "2025-01-15 24:00:00": "2025-01-16 00:00:00",
    "2025-01-15": "2025-01-15 00:00:00",
    "45672.5": "2025-01-15 12:00:00",
    "2025-01-15 25:00:00": "! format:setl_time",
    "2025-02-30 10:00:00": "! format:setl_time",
    "1736935200000": "! format:setl_time",
    "2025-01-15T01:05:10Z[UTC]": "2025-01-15 09:05:10",
    "2025-01-15T09:05:10[UTC]": "! format:setl_time",
    "2025-01-15 09:05:10 [Asia/Tokyo]": "! format:setl_time",
    "2025-01-15T09:05[Asia/Shanghai]": "! format:setl_time",
    "2025-01-15 [UTC]": "! format:setl_time",
    "4_5672": "! format:setl_time",
    "15.01.2025": "! format:setl_time",
    "0000-00-00 00:00:00": "! required:setl_time",
    "9999-12-31 23:59:59": "! range:setl_time settled_in_range",
    "2025-02-02 00:00:00": "! settled_in_range",
}


def test_moments_q04_q14(home: Settings) -> None:
    assert stored(home, "settlement", "setl_time", list(MOMENTS)) == MOMENTS


def test_a_whole_column_of_moments_without_signs(home: Settings) -> None:
    written = {"20250115090510": "2025-01-15 09:05:10", "20250116000000": "2025-01-16 00:00:00"}
    assert stored_of_column(home, "settlement", "setl_time", list(written)) == written


IDENTIFIERS = {
    "Ｍ１２": "M12",
    "\u200bM2": "M2",
    "M3\u3000": "M3",
    " M4 ": "M4",
    "M\t5": "M5",
    "'46990001": "46990001",
    "’46990002": "46990002",
    "'46990003'": "46990003",
    '="46990004"': "46990004",
    '"46990005"': "46990005",
    "＝＂４６９９０００６＂": "46990006",
    "4699 0007": "46990007",
    "4699\u00a0 0008": "46990008",
    "46990009.0": "46990009",
    "12.00": "12",
    "4,699,001": "4699001",
    "4.699001E6": "4699001",
    "E11.9": "E11.9",
    "a+b/c==": "a+b/c==",
    "2.0240901E17": "! format:mdtrt_id",
    "4.69901E7": "! format:mdtrt_id",
    "2e17": "! format:mdtrt_id",
    "2E+17": "! format:mdtrt_id",
    "202409010000000001.0": "! format:mdtrt_id",
    "=46990001": "! format:mdtrt_id",
    '="4699"&"1"': "! format:mdtrt_id",
    '46"99': "! format:mdtrt_id",
    "4699\n01": "! format:mdtrt_id",
    "007": "007",
    "m6": "m6",
    "NULL": None,
    "—": None,
    "\u202dM7\u202c": "M7",
    "M\u200e8": "M8",
    "\u2066M9\u2069": "M9",
    "M\u00ad10": "M10",
    "M\u201011": "M-11",
    "M\u201112": "M-12",
    "M\u221213": "M-13",
    "M–14": "M-14",
    "M-15": "M-15",
    "M_16": "M_16",
    "{M17}": "{M17}",
    "36.0": "36",
    **dict.fromkeys(
        ("`M20", "M21;", "M22，", "M23.", ";M24", "M25。", "M26:", "|M27", "M28?", "<M29>", "、M30"),
        "! format:mdtrt_id",
    ),
    **dict.fromkeys(("TRUE", "false", "#N/A", "#REF!", "#VALUE!"), "! format:mdtrt_id"),
    "TRUE1": "TRUE1",
    "4.60101E+17": "! format:mdtrt_id",
    "4.60101e+17": "! format:mdtrt_id",
    "M" * 31: "! length:mdtrt_id",
}


def test_identifiers_q03_q05(home: Settings) -> None:
    assert stored(home, "settlement", "mdtrt_id", list(IDENTIFIERS)) == IDENTIFIERS


def test_names_stay_as_they_are_written(home: Settings) -> None:
    written = {
        "Ａ１": "Ａ１",
        "張三": "張三",
        "㐂𠮷": "㐂𠮷",
        " 王五 ": "王五",
        "=cmd|' /C calc'!A0": "=cmd|' /C calc'!A0",
        "+1": "+1",
        "-2+3": "-2+3",
        "@sum(A1)": "@sum(A1)",
        "测试甲": "! test_data",
    }
    assert stored(home, "settlement", "psn_name", list(written)) == written


LEVELS = {
    "1": "01",
    "1.0": "01",
    "０２": "02",
    " 3 ": "03",
    "11.0": "11",
    "NULL": None,
    "-": None,
    "99": "99",
}


def test_leading_zeros_come_back_and_unknown_codes_are_kept_and_reported_q10(home: Settings) -> None:
    assert stored(home, "settlement", "hosp_lv", list(LEVELS)) == LEVELS
    assert findings(home, "code:hosp_lv") == {"code:hosp_lv": 1}


REGIONS = {
    "海口": "460100",
    "海口市": "460100",
    "琼中县": "469030",
    "琼中黎族苗族自治县": "469030",
    "省直": "469900",
    "瓊中縣": "469030",
    "臨高": "469024",
    "儋州市（含洋浦）": "460400",
    "460100.0": "460100",
    "４６０１００": "460100",
}


def test_regions_by_name_q11_q18(home: Settings) -> None:
    assert stored(home, "settlement", "insu_admdvs", [*REGIONS, "洋浦"]) == REGIONS | {"洋浦": "洋浦"}
    assert findings(home, "code:insu_admdvs") == {"code:insu_admdvs": 1}


def test_an_unknown_region_is_refused_where_the_contract_says_so(home: Settings) -> None:
    refused = {"洋浦": "! code:insu_admdvs", "4601": "! code:insu_admdvs"}
    written = {**REGIONS, **refused, "": "! required:insu_admdvs"}
    assert stored(home, "enrolment", "insu_admdvs", list(written)) == written


def test_an_unknown_code_is_refused_where_the_contract_says_so(home: Settings) -> None:
    written = {
        "３１０": "310",
        "390.0": "390",
        " 310": "310",
        "999": "! code:insutype",
        " 998 ": "! code:insutype",
        "９９７": "! code:insutype",
        "9'6": "! code:insutype",
        "39O": "! code:insutype",
        "NULL": "! required:insutype",
    }
    assert stored(home, "settlement", "insutype", list(written)) == written


def test_codes_are_checked_even_if_a_column_holds_more_values_than_are_looked_at(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clean, "MAX_DISTINCT", 3)
    written = {str(number): "! code:insutype" for number in range(900, 907)}
    assert stored(home, "settlement", "insutype", list(written)) == written


NAMES_OF_CODES = {
    ("settlement", "gend"): {"男": "1", "女": "2", "2-女": "2", "1女": "1女", "M": "M"},
    ("settlement", "insutype"): {
        "职工基本医疗保险": "310",
        "城鄉居民基本醫療保險": "390",
        "310职工基本医疗保险": "310",
        "390 城乡居民基本医疗保险": "390",
        "310城乡居民基本医疗保险": "! code:insutype length:insutype",
        "职工": "! code:insutype",
    },
    ("settlement", "refd_setl_flag"): {
        "否": "0",
        "N": "0",
        "false": "0",
        "0-否": "0",
        "00": "! code:refd_setl_flag",
        "正常": "! code:refd_setl_flag",
    },
    ("settlement", "vali_flag"): {"有效": "1", "無效": "0", "2": "2", "Y": "! code:vali_flag"},
    ("enrolment", "psn_insu_stas"): {
        "正常参保": "1",
        "终止参保": "4",
        "参保中": "! code:psn_insu_stas",
    },
    ("contribution", "clct_flag"): {"已缴": "1", "0": "0", "未交": "! code:clct_flag"},
}


@pytest.mark.parametrize(("feed", "column"), NAMES_OF_CODES)
def test_the_name_of_a_code_in_its_place_is_the_code_and_what_decides_whether_a_row_counts_is_closed(
    feed: str, column: str, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = NAMES_OF_CODES[feed, column]
    monkeypatch.setitem(USUAL, feed, USUAL[feed] | {column: next(iter(values.values())) or ""})
    assert stored(home, feed, column, list(values)) == values


def test_a_whole_column_of_names_of_codes(home: Settings) -> None:
    written = {"男": "1", "女": "2"}
    assert stored_of_column(home, "settlement", "gend", list(written)) == written


def test_a_full_width_code_that_is_unknown_is_refused_in_a_line_read_again(home: Settings) -> None:
    rows = [USUAL["settlement"] | {"setl_id": f"R{number}"} for number in range(300)]
    rows[7] |= {"insutype": "９９９", "balc": "1,000.00"}
    load(home, "settlement", rows)
    assert raw(home, "select rows_refused from raw.batch") == [(1,)]


MONTHS = {
    "2025-01": "202501",
    "2025/1": "202501",
    "2025.01": "202501",
    "2025年1月": "202501",
    "２０２５年０１月": "202501",
    "202501.0": "202501",
    "2025 01": "202501",
    "202513": "! last_month",
    "2025": "! last_month",
    "今年": "! last_month",
    "2025-01-01": "! last_month length:accrym_end",
}


def test_months(home: Settings) -> None:
    assert stored(home, "contribution", "accrym_end", list(MONTHS)) == MONTHS


def test_a_month_that_does_not_exist_is_refused_in_any_column(home: Settings) -> None:
    refused = ("202513", "202500", "189912", "210101", "000000")
    written = {"2025-12": "202512"} | dict.fromkeys(refused, "! format:cashym")
    assert stored(home, "contribution", "cashym", list(written)) == written


def test_an_open_end_stays_where_the_contract_knows_one(home: Settings) -> None:
    written = {"9999-12-31": "9999-12-31", "10000-01-01": "! format:paus_insu_date"}
    assert stored(home, "enrolment", "paus_insu_date", list(written)) == written


def test_control_characters_are_taken_out_and_counted(home: Settings) -> None:
    names = {"王\x1b[31m五": "王[31m五", "赵\x07六\x7f": "赵六", "钱\x85七": "钱七", "孙\t八": "孙\t八"}
    assert stored(home, "settlement", "psn_name", list(names)) == names
    assert findings(home, "repaired:psn_name") == {"repaired:psn_name": 3}
    numbers = {"M\x1b1": "M1", "M\x022": "M2"}
    assert stored(home, "settlement", "mdtrt_id", list(numbers)) == numbers
    assert findings(home, "repaired:mdtrt_id") == {"repaired:mdtrt_id": 2}


def test_characters_that_nobody_sees_and_hyphens_that_look_alike_are_put_right_and_counted(
    home: Settings,
) -> None:
    numbers = {"\u202dM1\u202c": "M1", "M\u20112": "M-2", "M\u22123": "M-3", "M\ufe0f4": "M4", "M5": "M5"}
    assert stored(home, "settlement", "mdtrt_id", list(numbers)) == numbers
    assert findings(home, "repaired:mdtrt_id") == {"repaired:mdtrt_id": 4}
    names = {"\u202e王五": "王五", "赵\u200f六": "赵六", "欧阳·七": "欧阳·七", "A–B": "A–B"}
    assert stored(home, "settlement", "psn_name", list(names)) == names
    assert findings(home, "repaired:psn_name") == {"repaired:psn_name": 2}


def test_identity_numbers_q19(home: Settings) -> None:
    written = {
        "11010519491231002X": "11010519491231002X",
        "11010519491231002x": "11010519491231002x",
        "110105491231002": "110105491231002",
        "１１０１０５１９４９１２３１００２Ｘ": "11010519491231002X",
        " 11010519491231002X": "11010519491231002X",
        "110105194912310021": "110105194912310021",
        "1.10105E+17": "! format:certno",
    }
    assert stored(home, "person", "certno", list(written)) == written
    assert findings(home, "identity_check_digit") == {"identity_check_digit": 1}


def test_a_birth_date_out_of_range_is_left_out_of_the_row(home: Settings) -> None:
    written = {"1899-12-31": None, "0001-01-01": None, "2025-02-02": None, "1900-01-01": "1900-01-01"}
    assert stored(home, "person", "brdy", list(written)) == written
    assert findings(home, "birth_in_range") == {"birth_in_range": 3}


@pytest.fixture
def expired_category(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The code seed with one category of persons that ended with the year 2024."""
    seed = tmp_path / "feed_code.csv"
    lines = codes.CODE_SEED.read_text(encoding="utf-8").splitlines()
    ended = [
        line.replace("2000-01-01,,", "2000-01-01,2024-12-31,") if line.startswith("gend,9,") else line
        for line in lines
    ]
    assert ended != lines
    seed.write_text("\n".join(ended), encoding="utf-8")
    monkeypatch.setattr(codes, "CODE_SEED", seed)
    codes.known_codes.cache_clear()
    codes.expired_codes.cache_clear()
    yield "9"
    codes.known_codes.cache_clear()
    codes.expired_codes.cache_clear()


def test_an_expired_code_is_kept_and_reported_of_later_months_only(
    home: Settings, expired_category: str
) -> None:
    row = USUAL["settlement"] | {"gend": expired_category}
    months = [f"2024-{month:02}-28 10:00:00" for month in (11, 12)] + ["2025-01-28 10:00:00"]
    load(home, "settlement", [row | {"setl_id": each[:7], "setl_time": each} for each in months])
    assert raw(home, "select distinct gend from raw.settlement") == [("9",)]
    assert findings(home, "code_expired:gend") == {"code_expired:gend": 1}


def test_repairs_are_counted_by_column(home: Settings) -> None:
    rows = [USUAL["settlement"] | {"setl_id": f"R{number}"} for number in range(300)]
    rows[1]["hosp_lv"] = rows[2]["hosp_lv"] = "1"
    rows[3]["mdtrt_id"] = "Ｍ"
    rows[4]["balc"] = "1,000.00"
    load(home, "settlement", rows)
    wanted = {"repaired:hosp_lv": 2, "repaired:mdtrt_id": 1, "repaired:_line": 3}
    assert findings(home, *wanted) == wanted


def test_columns_that_hold_nothing_are_stored_as_null(home: Settings) -> None:
    nothing = {"balc": "NULL", "begndate": "NULL", "gend": "NULL", "mdtrt_id": "NULL", "hosp_lv": ""}
    load(home, "settlement", [USUAL["settlement"] | {"setl_id": f"R{n}"} | nothing for n in range(50)])
    assert raw(home, f"select distinct {', '.join(nothing)} from raw.settlement") == [(None,) * 5]
