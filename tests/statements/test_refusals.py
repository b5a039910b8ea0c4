"""A file that cannot be read as a statement is refused with one sentence, kept, and changes nothing."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from made_statements import table, template, workbook, write_csv, write_template
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from warehouse.home import init_home, writer
from warehouse.ingest import incoming
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import ingest
from warehouse.settings import SEEDS, Settings, load_settings
from warehouse.statements.template import load_template

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with one accepted statement."""
    folder = tmp_path_factory.mktemp("refusals")
    settings = load_settings(folder / "home")
    with writer(settings):
        init_home(settings)
    accepted = load(
        settings, write_csv(folder / "good.csv", table()), write_template(folder, template("某县"))
    )
    assert (accepted.status, accepted.rows_accepted) == ("accepted", 36)
    return settings


def load(settings: Settings, path: Path, template_path: Path | None = None) -> Outcome:
    with writer(settings):
        (outcome,) = ingest([path], settings, template=template_path)
    return outcome


def raw(settings: Settings) -> list[list[tuple[object, ...]]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return [
            connection.execute(f"select * from raw.{name} order by all").fetchall()
            for name in ("batch", "statement_cell")
        ]


def assert_refused(settings: Settings, before: object, path: Path, outcome: Outcome, *words: str) -> None:
    assert outcome.status == "refused", outcome.message.zh
    for text in (outcome.message.zh, outcome.message.en):
        assert path.name in text
        assert "\n" not in text
        assert len(text) < 500
    assert "。" not in outcome.message.zh.rstrip("。")
    for word in words:
        assert word in outcome.message.zh
    assert raw(settings) == before
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (settings.archive / sha256[:2] / sha256).read_bytes() == path.read_bytes()


def _xlsx(change: Callable[[Worksheet], object], **cells: str) -> bytes:
    book = workbook(table(**cells))
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    change(sheet)
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def _with_cached_error(text: str) -> bytes:
    """A workbook whose formula has the error ``text`` as its stored result."""
    plain = io.BytesIO(_xlsx(lambda sheet: sheet.cell(3, 6, "=B3/0")))
    stream = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content = re.sub(
                    rb'<c r="F3"[^>]*><f>B3/0</f><v\s*/?>(</v>)?</c>',
                    f'<c r="F3" t="e"><f>B3/0</f><v>{text}</v></c>'.encode(),
                    content,
                )
                assert text.encode() in content
            new.writestr(name, content)
    return stream.getvalue()


def _emptied(sheet: Worksheet) -> None:
    sheet.delete_rows(1, 100)


def _csv(rows: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode()


def _grouped(sheet: Worksheet) -> None:
    sheet.column_dimensions.group("E", "G", hidden=True)
    for row in range(1, 8):
        sheet.cell(row, 5).value = None


BAD_FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "truncated_workbook": ("xlsx", lambda: _xlsx(lambda _: None)[:3000], "不是完整的工作簿"),
    "truncated_at_the_start": ("xlsx", lambda: b"PK\x03\x04", "不是完整的工作簿"),
    "truncated_row": ("csv", lambda: _csv(table())[:-42], "截断"),
    "truncated_after_label": ("csv", lambda: _csv(table()[:-1]) + "\n合计,299622".encode(), "截断"),
    "binary": ("csv", lambda: bytes(range(256)) * 4, "空字节"),
    "empty": ("csv", lambda: b"", "空文件"),
    "empty_workbook_file": ("xlsx", lambda: b"", "空文件"),
    "empty_sheets": ("xlsx", lambda: _xlsx(_emptied), "空的"),
    "only_hidden_sheets_hold_content": ("xlsx", lambda: _hidden_sheet(), "空的"),
    "pdf": ("pdf", lambda: b"%PDF-1.7\n...", "PDF"),
    "pdf_named_xlsx": ("xlsx", lambda: b"%PDF-1.7\n...", "PDF"),
    "gzip": ("xlsx", lambda: b"\x1f\x8b\x08\x00" + b"x" * 50, "不是完整的压缩文件"),
    "utf16": ("csv", lambda: _csv(table()).decode().encode("utf-16"), "UTF-16"),
    "no_encoding": ("csv", lambda: b"\xff\xff,\xff\n\xff,1\n", "编码"),
    "garbled": ("csv", lambda: _csv(table(A5="锟斤拷")), "锟斤拷"),
    "open_quote": ("csv", lambda: _csv(table(A5='"职工')), "合法的 CSV"),
    "unknown_layout": ("csv", lambda: _csv(table(A2="序号")), "A2"),
    "header_only": ("csv", lambda: _csv(table()[:2]), "一个单元格也没有"),
    "not_calculated": ("xlsx", lambda: _xlsx(lambda sheet: sheet.cell(3, 6, "=1+1")), "Sheet!F3"),
    "reference_error_as_text": ("xlsx", lambda: _xlsx(lambda sheet: sheet.cell(3, 6, "#REF!")), "#REF!"),
    "division_error": ("xlsx", lambda: _with_cached_error("#DIV/0!"), "#DIV/0!"),
    "reference_error": ("xlsx", lambda: _with_cached_error("#REF!"), "#REF!"),
    "no_such_name": ("xlsx", lambda: _with_cached_error("#NAME?"), "#NAME?"),
    "hidden_row": ("xlsx", lambda: _xlsx(lambda s: setattr(s.row_dimensions[4], "hidden", True)), "第 4 行"),
    "hidden_column": (
        "xlsx",
        lambda: _xlsx(lambda s: setattr(s.column_dimensions["F"], "hidden", True)),
        "F 列",
    ),
    "hidden_group_of_columns": ("xlsx", lambda: _xlsx(_grouped), "F 列"),
    "a_million_rows": ("xlsx", lambda: _xlsx(lambda sheet: sheet.cell(1_048_576, 1, "注")), "20000 行"),
    "too_many_rows": ("csv", lambda: _csv([*table(), *[["注"]] * 20_001]), "20000 行"),
    "too_many_columns": ("csv", lambda: _csv([*table(), ["1"] * 201]), "200 列"),
    "too_many_columns_in_workbook": ("xlsx", lambda: _xlsx(lambda sheet: sheet.cell(9, 300, "注")), "200 列"),
    "zip_bomb": ("xlsx", lambda: _zipped(xl__workbook=b"", big=b"0" * 2**25), "解压后超过"),
    "zip_without_workbook": ("xlsx", lambda: _zipped(readme=b"hello"), "认不出"),
    "workbook_without_parts": ("xlsx", lambda: _zipped(**{"xl__workbook.xml": b"<a>"}), "不是完整的工作簿"),
    "encrypted": ("xlsx", lambda: OLE + b"\x00" * 504 + "EncryptedPackage".encode("utf-16-le"), ""),
    "broken_xls": ("xls", lambda: OLE + b"\x00" * 2000, "不是完整的工作簿"),
    "words_for_a_number": ("csv", lambda: _csv(table(F3="约四千")), "不是数字"),
    "two_numbers_in_a_cell": ("csv", lambda: _csv(table(F3="12;13")), "不是数字"),
    "percentage": ("csv", lambda: _csv(table(F3="12%")), "不是数字"),
    "unknown_row_with_numbers": ("csv", lambda: _csv(table(A6="离休干部")), "离休干部"),
    "row_twice": ("csv", lambda: _csv([*table(), table()[2]]), "被读成同一项"),
    "no_period": ("csv", lambda: _csv(table("某县收支表")), "找不到时期"),
    "wrong_month": ("csv", lambda: _csv(table("2024年1-13月")), "month 13"),
    "not_cumulated": ("csv", lambda: _csv(table("2024年4-6月")), "不符"),
    "too_precise": ("csv", lambda: _csv(table(F3="1.23456789012")), "小数位"),
}


def _hidden_sheet() -> bytes:
    book = workbook(table())
    book.create_sheet("空表")
    book.worksheets[0].sheet_state = "hidden"
    book.active = 1
    return _saved(book)


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_refused_kept_and_changes_nothing(home: Settings, tmp_path: Path, kind: str) -> None:
    suffix, content, word = BAD_FILES[kind]
    path = tmp_path / f"{kind}.{suffix}"
    path.write_bytes(content())
    before = raw(home)
    outcome = load(home, path, write_template(tmp_path, template("某县")))
    assert_refused(home, before, path, outcome, word)


WRONG_READINGS: dict[str, tuple[dict[str, Any], str]] = {
    "persons_on_money": ({"unit": "人"}, "单位“人”不是"),
    "money_on_persons": ({"columns": {"B": {"item": "enrolled_persons"}}}, "单位“万元”不是"),
    "no_unit": ({"unit": None}, "没有单位"),
    "no_item": ({"columns": {"F": {}}}, "item"),
    "no_scheme": ({"rows": {"职工医保": {}, "*": {"skip": "不用"}}}, "scheme"),
    "no_such_sheet": ({"sheet": "收支表"}, "收支表"),
    "no_such_sheet_number": ({"sheet": 2}, "工作表 2"),
    "same_item_twice": ({"columns": {"F": {"item": "income"}, "G": {"item": "income"}}}, "被读成同一项"),
    "nothing_to_read": ({"rows": {"*": {"skip": "不用"}}}, "一个单元格也没有"),
    "first_row_too_late": ({"first_row": 400}, "一个单元格也没有"),
    "period_of_another_kind": ({"period": {"basis": "year", "from": "A1"}}, "不符"),
}


@pytest.mark.parametrize("kind", WRONG_READINGS)
def test_a_template_that_reads_the_file_wrongly_is_refused(home: Settings, tmp_path: Path, kind: str) -> None:
    changes, word = WRONG_READINGS[kind]
    path = write_csv(tmp_path / f"{kind}.csv", table())
    before = raw(home)
    outcome = load(home, path, write_template(tmp_path, template("某县", **changes)))
    assert_refused(home, before, path, outcome, word)


def test_a_unit_printed_in_the_file_must_be_known(home: Settings, tmp_path: Path) -> None:
    rows = [["项目", "单位", "数值"], ["收入", "千克", "12"]]
    path = write_csv(tmp_path / "kilograms.csv", rows)
    made = template(
        "某县",
        recognise={"cells": {"A1": "项目"}},
        period={"end": "2024-06-30"},
        first_row=2,
        unit_column="B",
        columns={"C": {"scheme": "employee"}},
        rows={"收入": {"item": "income"}},
    )
    before = raw(home)
    outcome = load(home, path, write_template(tmp_path, made))
    assert_refused(home, before, path, outcome, "单位“千克”不认识")


def test_a_template_that_lacks_parts_refuses_the_file(home: Settings, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "whole.csv", table())
    before = raw(home)
    lacking = template("某县") | {"region": None}
    outcome = load(home, path, write_template(tmp_path, lacking))
    assert outcome.status == "refused"
    assert "缺少 region" in outcome.message.zh
    assert raw(home) == before


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_layout_that_no_template_knows_is_refused_with_the_way_out(
    home: Settings, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"unheard_of.{suffix}"
    path.write_bytes(_csv(table()) if suffix == "csv" else _xlsx(lambda _: None))
    before = raw(home)
    assert_refused(home, before, path, load(home, path), "docs/statements.md", "--template")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_file_that_two_templates_know_is_refused(
    home: Settings, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = [load_template(write_template(tmp_path, template(region))) for region in ("甲县", "乙县")]
    monkeypatch.setattr(incoming, "shipped_templates", lambda: two)
    path = tmp_path / f"ambiguous.{suffix}"
    path.write_bytes(_csv(table()) if suffix == "csv" else _xlsx(lambda _: None))
    before = raw(home)
    assert_refused(home, before, path, load(home, path), "几个模板", two[0].template, two[1].template)


def test_a_cut_off_list_is_refused(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "local_fund_statements.csv"
    whole = (SEEDS / "statements" / "files" / path.name).read_bytes()
    path.write_bytes(whole[: whole.rindex(b",official")])
    before = raw(home)
    assert_refused(home, before, path, load(home, path), "截断")


def test_a_list_whose_period_is_no_date_is_refused(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "regional_key_indicator_feeds.csv"
    whole = (SEEDS / "statements" / "files" / path.name).read_text(encoding="utf-8")
    path.write_text(whole.replace("2025-02-28", "2025-02-30"), encoding="utf-8")
    before = raw(home)
    assert_refused(home, before, path, load(home, path), "2025-02-30")


def test_what_was_left_and_taken_off_is_said_when_a_statement_is_loaded(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home")
    with writer(settings):
        init_home(settings)
    columns = {"F": {"item": "income"}, "G": {"skip": "另表"}}
    made = write_template(tmp_path, template("某县", columns=columns))
    outcome = load(settings, write_csv(tmp_path / "made.csv", table(F3="4120.36①")), made)
    assert outcome.status == "accepted"
    assert re.search(r"\d+ 个数没有读（B3、C3、", outcome.message.zh)
    assert "5 个数按模板略过（G3、" in outcome.message.zh
    assert "1 格去掉了注释号（F3）" in outcome.message.zh
    assert "numbers are not read" in outcome.message.en


def test_a_home_of_an_earlier_version_gains_the_columns_of_the_contract(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home")
    with writer(settings):
        init_home(settings)
    made = write_template(tmp_path, template("某县"))
    load(settings, write_csv(tmp_path / "first.csv", table("2024年1-5月")), made)
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute("alter table raw.statement_cell drop column figure_kind")
        connection.execute("alter table raw.statement_cell drop column note_mark")
    assert load(settings, write_csv(tmp_path / "second.csv", table()), made).status == "accepted"
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        found = connection.execute(
            "select figure_kind, count(*) from raw.statement_cell group by all order by all"
        ).fetchall()
    assert found == [("actual", 36), (None, 36)]


def test_a_budget_may_be_for_the_year_to_come_and_an_actual_may_not(home: Settings, tmp_path: Path) -> None:
    cases = Path(__file__).parent / "cases"
    path = tmp_path / "L01@2024-02-20.xlsx"
    path.write_bytes((cases / "L01_county_budget_2024.xlsx").read_bytes())
    assert load(home, path, cases / "resident_fund_budget.yml").status == "accepted"
    early = tmp_path / "L01@2023-02-20.xlsx"
    book = load_workbook(path)
    book.properties.title = "early"
    book.save(early)
    outcome = load(home, early, cases / "resident_fund_budget.yml")
    assert outcome.status == "refused"
    assert "晚于文件的交付日期" in outcome.message.zh
