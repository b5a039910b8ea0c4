"""Whatever a sender delivers is read in full, or refused with one sentence; a damaged file never half."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.connections import build_connection
from warehouse.home import writer
from warehouse.ingest import decode, incoming, quarantine, workbook
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest, retry_batch
from warehouse.settings import Settings

Row = dict[str, Any]
NAME = "settlement@2025-02-01"
RECORDS = 120


def settlement(number: int, **changes: Any) -> Row:
    return {
        "setl_id": f"S{number:04}",
        "psn_no": f"4699990{number:04}",
        "psn_name": "张三",
        "insutype": "310",
        "setl_time": "2025-01-15 10:00:00",
        "begndate": "2025-01-15",
        "med_type": "11",
        "medfee_sumamt": "100.10",
        "fund_pay_sumamt": "60.00",
        "psn_pay": "40.10",
        "refd_setl_flag": "0",
    } | changes


def settlements(count: int = RECORDS) -> list[Row]:
    return [settlement(number) for number in range(1, count + 1)]


def person(number: int) -> Row:
    return {"psn_no": f"4699990{number:04}", "psn_name": "李四", "gend": "1"}


def text_of(rows: list[Row], end: str = "\n", separator: str = ",") -> str:
    stream = io.StringIO()
    out = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator=end, delimiter=separator)
    out.writeheader()
    out.writerows(rows)
    return stream.getvalue()


def with_line(number: int, change: Callable[[str], str], end: str = "\n") -> bytes:
    """The usual file with line ``number`` changed; line 0 is the header."""
    lines = text_of(settlements(), end).split(end)
    lines[number] = change(lines[number])
    return end.join(lines).encode()


def xlsx(rows: list[Row], change: Callable[[Any, Any], object] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    if change:
        change(book, sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def parquet(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def texts() -> pa.Table:
    return pa.Table.from_pylist(settlements())


def typed() -> pa.Table:
    rows = [
        row
        | {
            "setl_time": dt.datetime.fromisoformat(row["setl_time"]),
            "begndate": dt.date.fromisoformat(row["begndate"]),
            "insutype": int(row["insutype"]),
            "refd_setl_flag": row["refd_setl_flag"] == "1",
            **{name: Decimal(row[name]) for name in ("medfee_sumamt", "fund_pay_sumamt", "psn_pay")},
        }
        for row in settlements()
    ]
    return pa.Table.from_pylist(rows)


def zipped(members: dict[str, bytes], is_encrypted: bool = False) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    if not is_encrypted:
        return stream.getvalue()
    content = bytearray(stream.getvalue())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def deliver(settings: Settings, folder: Path, content: bytes, name: str = f"{NAME}.csv") -> list[Outcome]:
    path = folder / name
    path.write_bytes(content)
    with writer(settings):
        return list(ingest(files_in([path]), settings))


def raw(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def held(settings: Settings) -> dict[int, tuple[list[str], str]]:
    """Codes and raw line of every row in quarantine, by record."""
    return {
        row["record"]: (row["codes"], row["raw"])
        for path in settings.quarantine.glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    }


USUAL = text_of(settlements())
SOURCES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "utf-8": (".csv", USUAL.encode),
    "byte order mark": (".csv", lambda: USUAL.encode("utf-8-sig")),
    "GB18030": (".csv", lambda: USUAL.encode("gb18030")),
    "CRLF": (".csv", text_of(settlements(), "\r\n").encode),
    "no last line break": (".csv", USUAL[:-1].encode),
    "every cell quoted": (
        ".csv",
        "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in USUAL.splitlines()).encode,
    ),
    "workbook of texts": (".xlsx", lambda: xlsx(settlements())),
    "workbook of types": (".xlsx", lambda: xlsx(typed().to_pylist())),
    "workbook named csv": (".csv", lambda: xlsx(settlements())),
    "parquet of texts": (".parquet", lambda: parquet(texts())),
    "parquet of types": (".parquet", lambda: parquet(typed())),
    "gz": (".csv.gz", lambda: gzip.compress(USUAL.encode())),
    "gz of GB18030": (".csv.gz", lambda: gzip.compress(USUAL.encode("gb18030"))),
    "gz of a workbook": (".xlsx.gz", lambda: gzip.compress(xlsx(settlements()))),
    "zip": (".zip", lambda: zipped({"一月/结算.csv": USUAL.encode()})),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_the_same_table_comes_in_from_every_source(home: Settings, tmp_path: Path, kind: str) -> None:
    suffix, content = SOURCES[kind]
    (outcome,) = deliver(home, tmp_path, content(), NAME + suffix)
    assert (outcome.status, outcome.feed, outcome.rows_accepted) == ("accepted", "settlement", RECORDS)
    stored = raw(
        home,
        """
        select _row, setl_id, psn_no, psn_name, insutype, cast(setl_time as varchar),
            cast(begndate as varchar), med_type, medfee_sumamt, refd_setl_flag
        from raw.settlement order by _row
        """,
    )
    wanted = ("张三", "310", "2025-01-15 10:00:00", "2025-01-15", "11", Decimal("100.10"), "0")
    assert stored == [(n, f"S{n:04}", f"4699990{n:04}", *wanted) for n in range(1, RECORDS + 1)]


def test_a_zip_holds_several_feeds_under_chinese_names(home: Settings, tmp_path: Path) -> None:
    content = zipped(
        {
            "二月/": b"",
            "二月/结算.csv": USUAL.encode(),
            "二月/人员.csv": text_of([person(1)]).encode("gb18030"),
            "__MACOSX/二月/._结算.csv": b"\x00\x05\x16\x07",
            "二月/.DS_Store": b"\x00\x00\x00\x01Bud1",
        }
    )
    outcomes = deliver(home, tmp_path, content, "二月@2025-02-01.zip")
    assert [(each.file_name, each.feed, each.status) for each in outcomes] == [
        ("二月@2025-02-01.zip!结算.csv", "settlement", "accepted"),
        ("二月@2025-02-01.zip!人员.csv", "person", "accepted"),
    ]


def test_names_in_a_zip_of_chinese_windows_are_read(home: Settings, tmp_path: Path) -> None:
    written = zipped({"xxxxxx.csv": USUAL.encode()}).replace(b"xxxxxx", "结算表".encode("gbk"))
    (outcome,) = deliver(home, tmp_path, written, "a@2025-02-01.zip")
    assert outcome.file_name == "a@2025-02-01.zip!结算表.csv"


def test_members_of_a_zip_stay_inside_the_home(home: Settings, tmp_path: Path) -> None:
    content = zipped({"../../../outside.csv": USUAL.encode(), "/outside.csv": text_of([person(1)]).encode()})
    outcomes = deliver(home, tmp_path, content, "a@2025-02-01.zip")
    assert [each.status for each in outcomes] == ["accepted", "accepted"]
    assert list(tmp_path.rglob("outside.csv")) == []
    assert list(home.spill.iterdir()) == []


def test_a_bad_member_of_a_zip_does_not_keep_out_the_others(home: Settings, tmp_path: Path) -> None:
    content = zipped(
        {"a.csv": USUAL.encode(), "b.csv": b"a,b\n1,2\n", "c.csv": text_of([person(1)]).encode()}
    )
    outcomes = deliver(home, tmp_path, content, "a@2025-02-01.zip")
    assert [each.status for each in outcomes] == ["accepted", "refused", "accepted"]


@pytest.mark.parametrize("place", [40, 119])
def test_gb18030_that_the_samples_of_a_large_file_do_not_show(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    monkeypatch.setattr(decode, "SMALL_BYTES", 0)
    monkeypatch.setattr(decode, "SAMPLE_BYTES", 256)
    rows = [settlement(number, psn_name="Zhang") for number in range(1, RECORDS + 1)]
    rows[place - 1]["psn_name"] = "海棠"
    (outcome,) = deliver(home, tmp_path, text_of(rows).encode("gb18030"))
    assert outcome.status == "accepted"
    assert raw(home, f"select psn_name from raw.settlement where _row = {place}") == [("海棠",)]


def test_other_text_that_the_samples_do_not_show_is_refused(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "SMALL_BYTES", 0)
    monkeypatch.setattr(decode, "SAMPLE_BYTES", 256)
    content = USUAL.replace("张三", "Zhang").encode()
    (outcome,) = deliver(home, tmp_path, content.replace(b"Zhang", b"\xff\xff\xff", 1))
    assert outcome.status == "refused"
    assert "GB18030" in outcome.message.zh


def test_a_file_of_two_encodings_is_refused_and_not_read_as_other_words(
    home: Settings, tmp_path: Path
) -> None:
    lines = USUAL.splitlines(keepends=True)
    half = len(lines) // 2
    content = "".join(lines[:half]).encode() + "".join(lines[half:]).encode("gb18030")
    (outcome,) = deliver(home, tmp_path, content)
    assert outcome.status == "refused"
    assert "混用" in outcome.message.zh


def test_a_file_cut_at_the_limit_of_spreadsheets_is_refused(home: Settings, tmp_path: Path) -> None:
    records = "\n".join(map(str, range(1_048_575)))
    (outcome,) = deliver(home, tmp_path, f"terminal_id\n{records}\n".encode(), "terminal@2025-02-01.csv")
    assert outcome.status == "refused"
    assert "1048576 行" in outcome.message.zh
    (outcome,) = deliver(home, tmp_path, f"terminal_id\n{records}\nT\n".encode(), "terminal@2025-02-02.csv")
    assert (outcome.status, outcome.rows_accepted) == ("accepted", 1_048_576)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_record_numbers_do_not_count_blank_lines(home: Settings, tmp_path: Path, end: str) -> None:
    lines = text_of(settlements(400), end).split(end)
    lines[20] = lines[20].replace("张三", f'"张{end}{end}{end}三"')
    lines[50] = lines[50].replace("2025-01-15,", "一月,")
    lines[200] = lines[200].replace("310", "999")
    lines[300] += ",extra"
    for place in (250, 100, 100, 30):
        lines.insert(place, "")
    (outcome,) = deliver(home, tmp_path, end.join(lines).encode())
    assert (outcome.status, outcome.rows_refused) == ("accepted", 3)
    found = held(home)
    assert {record: codes for record, (codes, _) in found.items()} == {
        50: ["format:begndate"],
        200: ["code:insutype"],
        300: ["format:line"],
    }
    assert all(line.startswith(f"S{record:04},") for record, (_, line) in found.items())
    assert raw(home, "select count(*) from raw.settlement where setl_id <> printf('S%04d', _row)") == [(0,)]


def test_line_breaks_and_quotes_within_quotes_are_part_of_the_value(home: Settings, tmp_path: Path) -> None:
    rows = settlements(300)
    rows[9]["psn_name"] = '一\n"二",三\n\n四'
    rows[19] |= {"psn_name": "五\n六", "insutype": "999"}
    rows[29] |= {"psn_name": '七"\n八', "begndate": "x"}
    (outcome,) = deliver(home, tmp_path, text_of(rows).encode())
    assert (outcome.status, outcome.rows_refused) == ("accepted", 2)
    assert raw(home, "select psn_name from raw.settlement where _row = 10") == [('一\n"二",三\n\n四',)]
    found = held(home)
    assert sorted(found) == [20, 30]
    for record, name in ((20, "五\n六"), (30, '七"\n八')):
        (cells,) = csv.reader(io.StringIO(found[record][1], newline=""))
        assert cells[2] == name


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_line_break_may_stand_within_quotes_of_a_refused_row(
    home: Settings, tmp_path: Path, end: str
) -> None:
    lines = text_of(settlements(300), end).split(end)
    names = {10: "一\r\n二", 20: "三\r四", 30: "五\n六"}
    for record, name in names.items():
        lines[record] = lines[record].replace("张三", f'"{name}"').replace("2025-01-15,", "一月,")
    (outcome,) = deliver(home, tmp_path, end.join(lines).encode())
    assert (outcome.status, outcome.rows_refused) == ("accepted", 3)
    found = {
        record: next(csv.reader(io.StringIO(line, newline="")))[2] for record, (_, line) in held(home).items()
    }
    assert found == names
    (batch,) = quarantine.held(home)
    with writer(home), build_connection(home) as connection:
        (again,) = retry_batch(connection, home, batch.batch_id)
    assert again.rows_refused == 3


def test_empty_rows_of_a_spreadsheet_are_no_records(home: Settings, tmp_path: Path) -> None:
    (outcome,) = deliver(home, tmp_path, with_line(0, str) + b",,,,,,,,,,\n" * 30)
    assert (outcome.status, outcome.rows_accepted) == ("accepted", RECORDS)
    assert {tuple(codes) for codes, _ in held(home).values()} == {("empty_line",)}
    book = xlsx(settlements(), lambda _, sheet: sheet.insert_rows(50, 30))
    (outcome,) = deliver(home, tmp_path, book, f"{NAME}.xlsx")
    assert (outcome.status, outcome.rows_accepted) == ("accepted", RECORDS)


HEADERS = {
    "capitals and blanks": lambda line: line.replace("setl_id", " SETL_ID ").replace("psn_no", "Psn_No"),
    "Chinese names": lambda line: line.replace("setl_id", "结算流水号").replace(
        "medfee_sumamt", "医疗费总额"
    ),
    "full-width letters": lambda line: line.replace("psn_no", "ｐｓｎ＿ｎｏ"),
    "two marks of byte order": lambda line: "\ufeff\ufeff" + line,
    "a column without name": lambda line: line.replace("psn_name", ""),
    "SQL": lambda line: line.replace("psn_name", '"x\'); drop table raw.batch; --"'),
    "braces": lambda line: line.replace("psn_name", "{'a': 1}"),
    "a long name": lambda line: line.replace("psn_name", "x" * 100_000),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_odd_headers_are_taken(home: Settings, tmp_path: Path, kind: str) -> None:
    (outcome,) = deliver(home, tmp_path, with_line(0, HEADERS[kind]))
    assert (outcome.status, outcome.feed, outcome.rows_accepted) == ("accepted", "settlement", RECORDS)


def test_trailing_empty_columns_are_taken_and_reported(home: Settings, tmp_path: Path) -> None:
    content = "".join(f"{line},,\n" for line in USUAL.splitlines())
    (outcome,) = deliver(home, tmp_path, content.encode())
    assert (outcome.status, outcome.rows_accepted) == ("accepted", RECORDS)
    assert raw(home, "select text_zh from raw.finding where rule = 'columns_unknown'") == [
        ("合同没有的列：第 12, 13 列",)
    ]


ODD_LINES: dict[str, tuple[Callable[[str], str], list[str]]] = {
    "a lone quote within a value": (lambda line: line.replace("张三", '张"三'), []),
    "quotes within quotes": (lambda line: line.replace("张三", '"张"三"'), ["format:line"]),
    "a cell too many": (lambda line: line + ",more", ["format:line"]),
    "a cell too few": (lambda line: line.rsplit(",", 1)[0], ["format:line"]),
    "blanks only": (lambda _: "   ", ["format:line"]),
    "a field of 10 MB": (lambda line: line.replace("张三", "x" * 10_000_000), ["format:line"]),
    "a field of 200 KB": (lambda line: line.replace("张三", "字" * 200_000), ["length:psn_name"]),
    "5,000 empty cells more": (lambda line: line + "," * 5_000, ["format:line"]),
}


@pytest.mark.parametrize("kind", ODD_LINES)
def test_an_odd_line_is_taken_or_kept_for_repair(home: Settings, tmp_path: Path, kind: str) -> None:
    change, codes = ODD_LINES[kind]
    (outcome,) = deliver(home, tmp_path, with_line(100, change))
    assert outcome.status == "accepted"
    assert {record: found for record, (found, _) in held(home).items()} == ({100: codes} if codes else {})
    assert outcome.rows_accepted == RECORDS - bool(codes)


def hide(_: Any, sheet: Any) -> None:
    sheet.row_dimensions[5].hidden = True


def hide_column(_: Any, sheet: Any) -> None:
    sheet.column_dimensions["C"].hidden = True


def make_formula(_: Any, sheet: Any) -> None:
    sheet["H5"] = "=1+1"


def make_error(_: Any, sheet: Any) -> None:
    sheet["H5"].value, sheet["H5"].data_type = "#REF!", "e"


def add_title(_: Any, sheet: Any) -> None:
    sheet.insert_rows(1)
    sheet["A1"] = "结算明细表"


def add_sheet(book: Any, _: Any) -> None:
    book.create_sheet("more").append(["x"])


def add_far_cell(_: Any, sheet: Any) -> None:
    sheet.cell(1_048_576, 16_384).value = "x"


BAD_WORKBOOKS = {
    "hidden row": (hide, "A5 被隐藏而有内容"),
    "hidden column": (hide_column, "C1 被隐藏而有内容"),
    "formula without result": (make_formula, "H5 是没有计算结果的公式"),
    "error value": (make_error, "H5 是公式错误"),
    "title above the header": (add_title, "在第 2 行"),
    "two sheets": (add_sheet, "没有模板认得"),
    "a cell far away": (add_far_cell, "1048576 行 16384 列"),
    "no records": (lambda _, sheet: sheet.delete_rows(2, RECORDS), "没有记录"),
}


@pytest.mark.parametrize("kind", BAD_WORKBOOKS)
def test_a_workbook_that_may_mislead_is_refused(home: Settings, tmp_path: Path, kind: str) -> None:
    change, words = BAD_WORKBOOKS[kind]
    (outcome,) = deliver(home, tmp_path, xlsx(settlements(), change), f"{NAME}.xlsx")
    assert outcome.status == "refused"
    assert words in outcome.message.zh


def test_headers_wrapped_in_a_workbook_are_recognised(home: Settings, tmp_path: Path) -> None:
    def wrap(_: Any, sheet: Any) -> None:
        sheet["H1"] = "医疗费\n总额"

    (outcome,) = deliver(home, tmp_path, xlsx(settlements(), wrap), f"{NAME}.xlsx")
    assert (outcome.status, outcome.feed) == ("accepted", "settlement")


def test_identifiers_that_a_spreadsheet_rounded_are_refused(home: Settings, tmp_path: Path) -> None:
    rows = [settlement(number, psn_no=469999199001011234) for number in range(1, RECORDS + 1)]
    (outcome,) = deliver(home, tmp_path, xlsx(rows), f"{NAME}.xlsx")
    assert outcome.status == "refused"
    assert "科学计数" in outcome.message.zh


def replaced(name: str, values: pa.Array) -> bytes:
    table = texts()
    return parquet(table.set_column(table.column_names.index(name), name, values))


def test_moments_with_a_zone_are_stored_in_chinese_time(home: Settings, tmp_path: Path) -> None:
    moment = dt.datetime(2025, 1, 14, 18, tzinfo=dt.UTC)
    content = replaced("setl_time", pa.array([moment] * RECORDS, pa.timestamp("us", "UTC")))
    deliver(home, tmp_path, content, f"{NAME}.parquet")
    stored = raw(home, "select distinct cast(setl_time as varchar) from raw.settlement")
    assert stored == [("2025-01-15 02:00:00",)]


def test_identifiers_stored_as_floating_numbers_keep_their_form(home: Settings, tmp_path: Path) -> None:
    content = replaced("psn_no", pa.array([4699990000101.0] * RECORDS))
    deliver(home, tmp_path, content, f"{NAME}.parquet")
    assert raw(home, "select distinct psn_no from raw.settlement") == [("4699990000101",)]
    content = replaced("psn_no", pa.array([469999199001011234.0] * RECORDS))
    (outcome,) = deliver(home, tmp_path, content, f"{NAME}.parquet")
    assert outcome.status == "refused"
    assert "科学计数" in outcome.message.zh


def test_parquet_values_that_do_not_fit_are_kept_for_repair(home: Settings, tmp_path: Path) -> None:
    content = replaced("medfee_sumamt", pa.array([float("nan")] + [100.1] * (RECORDS - 1)))
    (outcome,) = deliver(home, tmp_path, content, f"{NAME}.parquet")
    assert (outcome.status, outcome.rows_refused) == ("accepted", 1)
    assert "format:medfee_sumamt" in held(home)[1][0]


ODD_FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "last line cut": (".csv", lambda: USUAL[:-20].encode(), "最后一条记录（第 120 条）不完整"),
    "last value cut within quotes": (".csv", lambda: (USUAL[:-5] + ',"abc').encode(), "不完整"),
    "a quote that never ends": (
        ".csv",
        lambda: with_line(50, lambda x: x.replace("张", '"张')),
        "引号没有在本行结束",
    ),
    "line ends mixed": (".csv", lambda: with_line(50, lambda x: x + "\r"), "混用了不同的换行符"),
    "a lone CR": (".csv", lambda: with_line(50, lambda x: x.replace("张三", "张\r三")), "混用了不同的换行符"),
    "CR only": (".csv", lambda: text_of(settlements(), "\r").encode(), "回车"),
    "tabs": (".csv", lambda: text_of(settlements(), separator="\t").encode(), "制表符"),
    "semicolons": (".csv", lambda: text_of(settlements(), separator=";").encode(), "分号"),
    "null byte": (".csv", lambda: with_line(50, lambda x: x.replace("张", "\0")), "空字节"),
    "UTF-16": (".csv", lambda: USUAL.encode("utf-16"), "UTF-16"),
    "no encoding": (".csv", lambda: USUAL.encode().replace(b"\xe5", b"\xff", 1), "编码"),
    "title above the header": (".csv", lambda: b"title\n" + USUAL.encode(), "在第 2 行"),
    "blank line above the header": (".csv", lambda: b"\n" + USUAL.encode(), "在第 2 行"),
    "line break in a header": (".csv", lambda: with_line(0, lambda x: x.replace("psn_n", '"\n"')), "表头"),
    "repeated header": (".csv", lambda: with_line(0, lambda x: x.replace("psn_name", "psn_no")), "重复"),
    "repeated in capitals": (".csv", lambda: with_line(0, lambda x: x.replace("psn_name", "PSN_NO")), "只留"),
    "header of another column": (
        ".csv",
        lambda: with_line(0, lambda x: x.replace("psn_name", "个人编号")),
        "几列都是数据源 settlement 的 psn_no",
    ),
    "missing column": (
        ".csv",
        lambda: with_line(0, lambda x: x.replace("medfee_sumamt", "medfee")),
        "缺少数据源 settlement 的列：medfee_sumamt",
    ),
    "few columns": (".csv", lambda: b"setl_id,psn_no\n1,2\n", "缺少数据源 settlement 的列"),
    "header only": (".csv", lambda: USUAL.splitlines()[0].encode(), "只有表头"),
    "truncated workbook": (".xlsx", lambda: xlsx(settlements())[:-400], "不是完整的工作簿"),
    "truncated parquet": (".parquet", lambda: parquet(texts())[:-90], "不是完整的 Parquet"),
    "empty parquet": (".parquet", lambda: parquet(texts().slice(0, 0)), "没有记录"),
    "truncated gz": (".csv.gz", lambda: gzip.compress(USUAL.encode())[:-20], "不是完整的压缩文件"),
    "damaged gz": (".csv.gz", lambda: gzip.compress(USUAL.encode())[:-8] + bytes(8), "不是完整的压缩文件"),
    "empty gz": (".csv.gz", lambda: gzip.compress(b""), "空文件"),
    "gz of a gz": (".csv.gz", lambda: gzip.compress(gzip.compress(USUAL.encode())), "GZIP"),
    "truncated zip": (".zip", lambda: zipped({"a.csv": USUAL.encode()})[:-30], "不是完整的压缩文件"),
    "damaged zip": (
        ".zip",
        lambda: (lambda c: c[:80] + bytes([c[80] ^ 255]) + c[81:])(zipped({"a.csv": USUAL.encode()})),
        "不是完整的压缩文件",
    ),
    "empty zip": (".zip", lambda: zipped({}), "空的压缩包"),
    "zip of folders": (".zip", lambda: zipped({"a/": b""}), "空的压缩包"),
    "zip of a zip": (".zip", lambda: zipped({"b.zip": zipped({"a.csv": USUAL.encode()})}), "也是压缩包"),
    "zip of two of a name": (
        ".zip",
        lambda: zipped({"a.csv": USUAL.encode(), "b.csv": USUAL.encode()}).replace(b"b.csv", b"a.csv"),
        "两个文件都叫 a.csv",
    ),
    "zip with password": (".zip", lambda: zipped({"a.csv": USUAL.encode()}, is_encrypted=True), "密码"),
}


@pytest.mark.parametrize("kind", ODD_FILES)
def test_a_damaged_or_foreign_file_is_refused_with_a_sentence(
    home: Settings, tmp_path: Path, kind: str
) -> None:
    suffix, content, words = ODD_FILES[kind]
    (outcome,) = deliver(home, tmp_path, content(), NAME + suffix)
    assert outcome.status == "refused"
    assert words in outcome.message.zh
    assert outcome.message.en.isascii() or NAME in outcome.message.en
    assert raw(home, "select count(*) from raw.batch") == [(0,)]
    assert list(home.spill.iterdir()) == []


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_file_that_unpacks_without_end_is_refused(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(incoming, "MAX_UNPACKED", 5 * 2**20)
    content = bytes(20 * 2**20)
    packed = gzip.compress(content) if kind == "gz" else zipped({"a.csv": content})
    (outcome,) = deliver(home, tmp_path, packed, f"a@2025-02-01.csv.{kind}")
    assert outcome.status == "refused"
    assert "解压后超过" in outcome.message.zh


def test_a_workbook_that_unpacks_without_end_is_refused_before_it_is_read(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 2**10)
    monkeypatch.setattr(workbook.CalamineWorkbook, "from_filelike", None)
    (outcome,) = deliver(home, tmp_path, xlsx(settlements()), f"{NAME}.xlsx")
    assert outcome.status == "refused"
    assert "解压后有" in outcome.message.zh


def test_a_refused_file_does_not_keep_the_next_one_out(home: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "a@2025-02-01.csv").write_bytes(with_line(50, lambda line: line + "\r"))
    (folder / "b@2025-02-01.csv").write_text(USUAL, encoding="utf-8")
    with writer(home):
        outcomes = list(ingest(files_in([folder]), home))
    assert [each.status for each in outcomes] == ["refused", "accepted"]
