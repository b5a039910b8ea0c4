"""What used to be read wrongly in silence: each table gets its right value or one sentence that refuses it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from made_statements import table, template, workbook, write_csv, write_template
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from warehouse.statements.biff import number_formats
from warehouse.statements.cells import Extract
from warehouse.statements.extract import extract, recognises
from warehouse.statements.number_format import Shown, shown_number
from warehouse.statements.sheet import read_book
from warehouse.statements.template import load_template
from warehouse.statements.texts import NotANumber, parse_number, read_printed
from warehouse.texts import Refused

CASES = Path(__file__).parent / "cases"


def read(path: Path, template_path: Path) -> Extract:
    made = load_template(template_path)
    book = read_book(path, path.name)
    assert recognises(made, book, path.name, needs_name=False) is None
    return extract(made, book, path.name)


def values(result: Extract) -> dict[str, str]:
    return {cell.cell: f"{cell.value.normalize():f}" for cell in result.read if cell.value is not None}


REFUSED_CASES = {
    ("S3_2025M03.xlsx", "s3.yml"): ("C4", "0!.0000", "4120.3600", "scaled"),
    ("S4_2025M03.csv", "t_S4.yml"): ("B4", "单位是万人", "模板说是人"),
    ("S5_2025M03.csv", "t_S5.yml"): ("B4", "几个数"),
    ("S6_2025M03.xlsx", "t_S6.yml"): ("D4", "53.40%", "百分数"),
    ("S7_2025M04.csv", "s.yml"): ("C4", "单位是元", "模板说是万元"),
    ("S8_2025M03.csv", "t_S8.yml"): ("基金支出", "closing_balance", "移动"),
    ("S10_2025M03.csv", "s10.yml"): ("第 5 行", "北部", "海口市, 文昌市", "小计"),
    ("R2_2025M03.xlsx", "r2.yml"): ("C3", "scheme"),
    ("P1.csv", "p1.yml"): ("B4", "不分基金口径", "enrolled_persons.pool_and_account"),
    ("L04_qinghai2022_21-16.xlsx", "L04a.yml"): ("G7", "不分基金口径"),
    ("L08_mof_budget_2014.csv", "L08.yml"): ("B5", "预算", "figures: budget"),
}


@pytest.mark.parametrize(("name", "by"), REFUSED_CASES)
def test_a_table_that_would_be_misread_is_refused_and_told_where(name: str, by: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(CASES / name, CASES / by)
    for word in REFUSED_CASES[name, by]:
        assert word in refusal.value.text.zh
    assert name in refusal.value.text.en


def test_marks_of_notes_are_taken_off_and_reported() -> None:
    result = read(CASES / "S1_2025M03.csv", CASES / "s.yml")
    assert values(result) == {
        "B4": "38215",
        "C4": "41203600",
        "D4": "30110000",
        "E4": "98745200",
        "B5": "261407",
        "C5": "113069000",
        "D5": "65427500",
        "E5": "152204100",
    }
    assert {cell.cell: cell.note_mark for cell in result.marked} == {"B4": "①", "C4": "②", "D4": "¹"}
    remarks = result.remarks()
    assert remarks is not None
    assert "3 格去掉了注释号（B4、C4、D4）" in remarks.zh


@pytest.mark.parametrize(
    ("name", "cell", "value", "mark"),
    [
        ("q_circ@2025-04-10.xlsx", "B5", "38215", "①"),
        ("q_nototal@2025-04-10.xlsx", "B5", "38215", "①"),
        ("q_super@2025-04-10.xlsx", "B5", "38215", "¹"),
        ("q_rich@2025-04-10.xlsx", "B5", "38215", "1"),
        ("q_sq@2025-04-10.xlsx", "C5", "410000", "²"),
    ],
)
def test_a_mark_in_a_workbook_is_no_digit(name: str, cell: str, value: str, mark: str) -> None:
    result = read(CASES / name, CASES / "qinghe.yml")
    assert values(result)[cell] == value
    assert [(each.cell, each.note_mark) for each in result.marked] == [(cell, mark)]


@pytest.mark.parametrize("mark", [*"①⑳⑴⒈❶➀㈠㊀¹²³⁴₅*†‡§※＊", "①②", "⁽¹⁾"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_every_mark_is_taken_off_at_the_edge_and_refused_inside(mark: str, place: str) -> None:
    printed = read_printed(f"1,234.50 {mark}" if place == "after" else f"{mark}1,234.50")
    assert (printed.number, printed.mark) == (Decimal("1234.50"), mark)
    with pytest.raises(NotANumber):
        read_printed(f"12{mark}34")
    with pytest.raises(NotANumber):
        read_printed(mark)
    with pytest.raises(NotANumber):
        parse_number(f"12{mark}")


@pytest.mark.parametrize("text", ["12#", "12a", "△12", "12(1)", "12[1]", "12注1", "12p", "▲12"])
def test_what_may_be_more_than_a_mark_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        read_printed(text)


@pytest.mark.parametrize(
    "text",
    ["4120 3011", "38215\n39412", "38215\r\n39412", "3 8 2 1 5", "12 34", "1,234 567", "12\u30003456", "1 2"],
)
def test_blanks_and_line_breaks_never_join_two_numbers(text: str) -> None:
    with pytest.raises(NotANumber) as refusal:
        read_printed(text)
    assert "数" in refusal.value.reason.zh


@pytest.mark.parametrize(
    ("text", "value"),
    [("1 234 567.8", "1234567.8"), ("12\u00a0345", "12345"), (" 12.5\n", "12.5"), ("- 3.1", "-3.1")],
)
def test_one_blank_between_groups_of_three_and_blanks_at_the_edges_are_no_matter(
    text: str, value: str
) -> None:
    assert parse_number(text) == Decimal(value)


FORMATS = {
    # format: (stored, shown, whether another number is shown than is stored)
    "0.00": (4120.365, "4120.37", False),
    "#,##0.00_ ": (3011, "3011.00", False),
    '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ': (53.4, "53.40", False),
    '0.00;[Red]"-"0.00': (-12.345, "-12.35", False),
    "[$¥-804]#,##0.00": (5, "5.00", False),
    '0.00"万元"': (4120.36, "4120.36万元", False),
    'General"人"': (38215, "38215人", False),
    "0.##": (1.5, "1.5", False),
    "0.00%": (0.534, "53.40%", True),
    "0.00,": (30110800, "30110.80", True),
    "#,##0.00,,": (98745200, "98.75", True),
    "#,##0,": (41203600, "41204", True),
    "0!.0000": (41203600, "4120.3600", True),
    "0\\.0000": (41203600, "4120.3600", True),
    "0!.0,": (41203600, "4120.4", True),
    '0.0,,"百万"': (152204100, "152.2百万", True),
    '0"万"': (5, "5万", True),
    '[>=100000000]0.00,,"亿";0': (123456789, "123.46亿", True),
    ";;;": (5, "", True),
    '"约"0': (5, "约5", True),
    '"-"0': (5, "-5", True),
    '0"0000"': (412, "4120000", True),
    '0" 万"': (5, "5万", True),
    "0‰": (5, "5‰", True),
    "0;[Red]-0": (-5, "-5", False),
    '"¥"0.00_)': (5, "5.00", False),
    '0"①"': (5, "5", False),
    "[DBNum1]0": (4120.36, "4120", False),
    '[DBNum2]General"元"': (4120.36, "4120.36元", False),
    'G/通用格式"元"': (4120.36, "4120.36元", False),
    "0.00E+00": (4120, "4120", False),
    "0.00_);(0.00)": (5, "5.00", False),
}


MASKS = {
    '"—"': 5,
    "0.0E+00": 4120.36,
    "# ?/?": 4120.36,
    "(0.00)": 5,
    '"("0.00")"': 5,
    "[White]0.00": 5,
    # format: a stored number that is shown as another text or as nothing
    "0;-0;;@": 0,
    '0.00;-0.00;"—"': 0,
    '[<5]"<5";0.00': 3,
    '0.00;"无"': -5,
    "0.00;0.00": -5,
    '"***";"***"': 5,
    "[$$-409]#,##0.00": 5,
    '"US$"0.00': 5,
    "[$€-2] #,##0.00": 5,
}


@pytest.mark.parametrize("code", MASKS)
def test_a_format_that_masks_its_number_is_refused(code: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Sheet!F3.*格式"):
        read(formatted(tmp_path, MASKS[code], code), write_template(tmp_path, template("某县")))


def test_a_condition_that_does_not_hold_masks_nothing() -> None:
    assert shown_number(4120.36, '[<5]"<5";0.00') == Shown("4120.36")
    assert shown_number(0, "0.00;-0.00;0") == Shown("0")


@pytest.mark.parametrize("code", FORMATS)
def test_a_format_is_understood_as_the_reader_of_the_sheet_sees_it(code: str) -> None:
    stored, shown, is_scaled = FORMATS[code]
    found = shown_number(stored, code)
    assert (found.text, found.scaling is not None) == (shown, is_scaled)


def formatted(folder: Path, stored: float, code: str) -> Path:
    book = workbook(table())
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet["F3"], sheet["F3"].number_format = stored, code
    book.save(folder / "made.xlsx")
    return folder / "made.xlsx"


@pytest.mark.parametrize("code", [code for code, (_, _, is_scaled) in FORMATS.items() if is_scaled])
def test_a_scaling_format_is_refused_unless_the_template_says_which_number(code: str, tmp_path: Path) -> None:
    path = formatted(tmp_path, FORMATS[code][0], code)
    with pytest.raises(Refused, match="Sheet!F3"):
        read(path, write_template(tmp_path, template("某县")))


@pytest.mark.parametrize(("scaled", "value"), [("shown", "41203600"), ("stored", "412036000000")])
def test_the_template_says_whether_the_shown_or_the_stored_number_counts(
    scaled: str, value: str, tmp_path: Path
) -> None:
    path = formatted(tmp_path, 41203600, "0!.0000")
    result = read(path, write_template(tmp_path, template("某县", scaled=scaled)))
    assert values(result)["F3"] == value


def test_a_unit_in_a_format_is_the_unit_of_the_number(tmp_path: Path) -> None:
    result = read(formatted(tmp_path, 41203600, '0"元"'), write_template(tmp_path, template("某县")))
    (cell,) = [each for each in result.read if each.cell == "F3"]
    assert (cell.printed_value, cell.printed_unit, cell.value) == ("41203600", "元", Decimal(41203600))


@pytest.mark.parametrize(("runs", "value"), [(("4120", "1"), "41200000"), (("412", "1", "036"), None)])
def test_a_raised_run_is_a_mark_at_the_edge_and_refused_inside(
    runs: tuple[str, ...], value: str | None, tmp_path: Path
) -> None:
    book = workbook(table())
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    raised = TextBlock(InlineFont(vertAlign="superscript"), runs[1])
    sheet["F3"] = CellRichText(runs[0], raised, *runs[2:])
    book.save(tmp_path / "made.xlsx")
    by = write_template(tmp_path, template("某县"))
    if value is None:
        with pytest.raises(Refused, match="上标"):
            read(tmp_path / "made.xlsx", by)
    else:
        assert values(read(tmp_path / "made.xlsx", by))["F3"] == value


@pytest.mark.parametrize(("font", "said"), [("strike", "划掉"), ("vertAlign", "上标")])
@pytest.mark.parametrize("value", [4120.36, "4120.36"])
def test_a_number_that_is_struck_out_or_raised_as_a_whole_is_refused(
    font: str, said: str, value: float | str, tmp_path: Path
) -> None:
    book = workbook(table())
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet["F3"] = value
    sheet["F3"].font = Font(**{font: "superscript" if font == "vertAlign" else True})
    book.save(tmp_path / "made.xlsx")
    with pytest.raises(Refused, match=said):
        read(tmp_path / "made.xlsx", write_template(tmp_path, template("某县")))


Change = Callable[[Worksheet], None]


def _row_height(sheet: Worksheet) -> None:
    sheet.row_dimensions[3].height = 0.5


def _column_width(sheet: Worksheet) -> None:
    sheet.column_dimensions["F"].width = 0.1


def _no_row_is_shown(sheet: Worksheet) -> None:
    sheet.sheet_format.zeroHeight = True


def _written_in(font: str, ground: str | None = None) -> Change:
    def change(sheet: Worksheet) -> None:
        sheet["F3"].font = Font(color=font)
        if ground:
            sheet["F3"].fill = PatternFill("solid", fgColor=ground)

    return change


UNSEEN: dict[str, tuple[Change, str | None]] = {
    "a_flat_row": (_row_height, "第 3 行 被隐藏"),
    "a_narrow_column": (_column_width, "F 列 被隐藏"),
    "rows_hidden_by_default": (_no_row_is_shown, "被隐藏"),
    "white_on_nothing": (_written_in("FFFFFFFF"), "F3 字与底色相同"),
    "red_on_red": (_written_in("FFFF0000", "FFFF0000"), "F3 字与底色相同"),
    "white_on_blue": (_written_in("FFFFFFFF", "FF0000FF"), None),
    "red_on_nothing": (_written_in("FFFF0000"), None),
}


@pytest.mark.parametrize("kind", UNSEEN)
def test_what_nobody_sees_of_a_workbook_refuses_it(kind: str, tmp_path: Path) -> None:
    change, said = UNSEEN[kind]
    book = workbook(table())
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    change(sheet)
    book.save(tmp_path / "made.xlsx")
    by = write_template(tmp_path, template("某县"))
    if said is None:
        assert values(read(tmp_path / "made.xlsx", by))["F3"] == "41203600"
    else:
        with pytest.raises(Refused, match=said):
            read(tmp_path / "made.xlsx", by)


def test_sheets_with_numbers_that_are_not_read_are_said(tmp_path: Path) -> None:
    book = workbook(table())
    book.create_sheet("封面").append(["某县医疗保障局"])
    book.create_sheet("居民").append(["收入", 5])
    book.save(tmp_path / "made.xlsx")
    remarks = read(tmp_path / "made.xlsx", write_template(tmp_path, template("某县"))).remarks()
    assert remarks is not None
    assert "1 张有数的工作表没有读（居民）" in remarks.zh


XLS_RECORDS = {
    # what is changed: (the beginning of the record, the byte of it, what is written there, what is said)
    "a_hidden_row": (b"\x08\x02\x10\x00\x03\x00", 12, 0x20, "被隐藏而有内容"),
    "a_flat_row": (b"\x08\x02\x10\x00\x03\x00", 6, 0x10, "被隐藏而有内容"),
    "struck_out": (b"\x31\x00\x15\x00\xc8\x00", 2, 0x08, "被划掉了"),
    "white": (b"\x31\x00\x15\x00\xc8\x00", 4, 0x09, "字与底色相同"),
}


@pytest.mark.parametrize("kind", XLS_RECORDS)
def test_what_nobody_sees_of_an_xls_refuses_it(kind: str, tmp_path: Path) -> None:
    record, at, byte, said = XLS_RECORDS[kind]
    content = bytearray((CASES / "plain.xls").read_bytes())
    place = content.find(record)
    assert place > 0
    while place >= 0:  # every font of the file is the same
        content[place + 4 + at] = byte
        if kind == "white":
            content[place + 4 + at + 1] = 0
        place = content.find(record, place + 1) if record[0] == 0x31 else -1
    (tmp_path / "made.xls").write_bytes(content)
    with pytest.raises(Refused, match=said):
        read(tmp_path / "made.xls", CASES / "s.yml")


def test_a_truth_value_is_no_number(tmp_path: Path) -> None:
    book = workbook(table())
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet["F3"] = True
    book.save(tmp_path / "made.xlsx")
    with pytest.raises(Refused, match="TRUE"):
        read(tmp_path / "made.xlsx", write_template(tmp_path, template("某县")))


HEADERS: dict[str, tuple[dict[str, str], str | None]] = {
    # kind: (changed cells, what the refusal says; None where it is read)
    "unit_of_the_sheet": ({"A1": "某县2024年1-6月收支表(单位:元、人)"}, "单位是元"),
    "unit_of_a_column": ({"F2": "收入(元)"}, "单位是元"),
    "unit_behind_a_column": ({"F2": "收入\n亿元"}, "单位是亿元"),
    "unit_behind_a_blank": ({"F2": "收入 元"}, "单位是元"),
    "unit_with_the_currency": ({"A1": "某县2024年1-6月收支表 单位: 人，RMB元"}, "单位是元"),
    "hundreds": ({"A1": "某县2024年1-6月收支表 单位：人、百元"}, "单位是百元"),
    "unit_of_a_row": ({"A3": "职工医保"}, None),
    "english_unit": ({"F2": "收入 Income (yuan)"}, "单位是元"),
    "english_unit_alike": ({"F2": "收入 Income (10,000 yuan)"}, None),
    "the_unit_of_the_template": ({"F2": "收入（萬元）"}, None),
    "column_put_in": ({"F2": "其中：财政补助", "G2": "收入"}, "表头是“其中：财政补助”"),
    "columns_exchanged": ({"F2": "支出", "G2": "收入"}, "表头是“支出”"),
    "growth": ({"F2": "收入同比增长"}, "表头是“收入同比增长”"),
    "percentages": ({"F2": "收入（%）"}, "表头"),
    "year_before": ({"F2": "上年同期"}, "上年"),
    "other_year": ({"F2": "2023年收入"}, "2024"),
    "same_year": ({"F2": "2024年收入"}, None),
    "of_the_month": ({"F2": "本月收入"}, "累计"),
    "cumulated": ({"F2": "本年累计收入"}, None),
    "budget_of_a_column": ({"F2": "收入（年初预算）"}, "预算"),
    "plan_of_a_column": ({"F2": "收入计划数"}, "计划"),
    "only_expected": ({"F2": "收入预计执行数"}, "预计"),
    "executed": ({"F2": "收入（预算执行数）"}, None),
    "budget_of_the_sheet": ({"A1": "某县2024年1-6月收支预算表"}, "预算"),
    "budget_executed": ({"A1": "某县2024年1-6月预算执行情况"}, None),
    "birth_control_is_no_plan": ({"F2": "收入(含计划生育)"}, None),
    "budget_subsidies_are_no_budget": ({"F2": "财政预算安排的收入"}, None),
    "budget_of_the_year": ({"F2": "2024年预算安排数"}, "预算"),
    "a_part_named_in_brackets": ({"F2": "收入(含上解、财政补助)"}, None),
    "a_part_left_out": ({"F2": "收入(含上解、不含财政补助)"}, "不是income本身"),
    "a_part": ({"F2": "其中 财政"}, "不是income本身"),
    "aims": ({"F2": "基金收入目标"}, "budget"),
    "estimated": ({"F2": "预估收入"}, "budget"),
    "reckoned": ({"F2": "基金收入测算"}, "budget"),
    "year_before_of_the_item": ({"F2": "上年基金收入"}, "上年"),
    "the_last_month": ({"F2": "6月基金收入"}, "累计"),
    "an_earlier_month": ({"F2": "3月基金收入"}, "2024-06-30"),
    "earlier_months": ({"F2": "基金收入（1-2月）"}, "2024-06-30"),
    "the_same_months": ({"F2": "基金收入（1-6月）"}, None),
    "up_to_the_month": ({"F2": "截至6月基金收入"}, None),
    "a_quarter": ({"F2": "二季度基金收入"}, "累计"),
    "the_whole_year": ({"F2": "基金收入（全年）"}, "2024-06-30"),
    "each_person": ({"F2": "人均基金收入"}, "不是income本身"),
    "heads_for_money": ({"F2": "人数"}, "人数"),
    "numbering": ({"F2": "序号"}, "不是income本身"),
    "rank": ({"F2": "基金收入排名"}, "不是income本身"),
    "added": ({"F2": "基金收入增量"}, "不是income本身"),
    "another_scheme": ({"F2": "居民基金收入"}, "模板却读作 employee"),
    "the_account_alone": ({"F2": "个人账户收入"}, "口径"),
    "the_pool_alone": ({"F2": "统筹基金收入"}, "口径"),
    "the_account_alone_in_the_title": ({"A1": "某县2024年1-6月职工医保个人账户情况"}, "口径"),
    "year_before_in_the_title": ({"A1": "某县2024年1-6月(上年同期)收支表"}, "上年"),
    "compared_in_the_title": ({"A1": "某县2024年1-6月收支与上年同期对比表"}, None),
    "other_insurance_in_the_title": ({"A1": "某县2024年1-6月养老保险基金收支表"}, "养老"),
    "all_insurances_in_the_title": ({"A1": "某县2024年1-6月养老、医疗保险基金收支表"}, None),
    "contributions": ({"F2": "征缴收入"}, "income"),
    "budget_anywhere_in_the_title": ({"A1": "某县2024年1-6月预算收支情况"}, "预算"),
    "budget_of_the_fund_in_the_title": ({"A1": "某县2024年1-6月医保基金预算情况"}, "预算"),
    "budget_or_executed": ({"A1": "某县2024年1-6月医保基金预算表（执行）"}, "说不清"),
    "budget_beside_the_title": ({"K1": "预算数"}, "预算"),
    "budget_in_a_note": ({"A8": "注：本表为年初预算数"}, "预算"),
    "a_note_of_anything": ({"A8": "注：预算数见另表"}, None),
    "executed_share": ({"L2": "预算执行率"}, None),
    "insured_persons_paid": ({"G2": "参保人员医疗费用支出"}, None),
    "retired_persons_paid": ({"G2": "退休人员医疗费支出"}, None),
    "opening_of_last_year": ({"E2": "2023年末累计结余"}, None),
    "closing_of_last_year": ({"I2": "2023年末累计结余"}, "2024"),
    "units_apart": ({"A1": "某县2024年1-6月收支表 单位：元 人"}, "单位是元"),
    "units_of_another_office": ({"A1": "某县2024年1-6月收支表 填报单位：元谋县医保局"}, None),
    "another_word_for_it": ({"I2": "年末滚存结余"}, None),
    "tens_of_thousands_by_ten": ({"A1": "某县2024年1-6月收支表 单位：十万元"}, "十万元"),
    "tens_of_millions": ({"F2": "收入（千万元）"}, "千万元"),
    "only_a_scale": ({"A1": "某县2024年1-6月收支表 单位：亿"}, "亿元"),
    "the_scale_of_the_template": ({"A1": "某县2024年1-6月收支表 单位：万"}, None),
    "american_money": ({"A1": "某县2024年1-6月收支表 单位：万美元"}, "人民币"),
    "money_of_a_column": ({"F2": "收入（港币）"}, "人民币"),
    "other_brackets": ({"A1": "某县2024年1-6月收支表【单位：元】"}, "单位是元"),
    "another_colon": ({"A1": "某县2024年1-6月收支表 单位∶元"}, "单位是元"),
    "reckoned_in": ({"A1": "某县2024年1-6月收支表（金额以元为单位）"}, "单位是元"),
    "unit_without_brackets": ({"F2": "收入元"}, "单位是元"),
    "english_thousands": ({"A1": "某县2024年1-6月收支表 in thousands of yuan"}, "千元"),
    "a_note_against_the_title": (
        {"A1": "某县2024年1-6月收支表 单位：万元", "A8": "注：单位为元"},
        "单位是元",
    ),
    "a_note_in_words": ({"A8": "注：本表金额以元计"}, "单位是元"),
    "a_note_of_both_units": ({"A8": "注：金额单位：万元，人均指标单位：元"}, None),
    "a_note_of_averages": ({"A8": "注：人均支出单位为元"}, None),
    "no_header": ({"F2": ""}, "F 列没有表头"),
    "no_header_of_heads": ({"B2": ""}, "B 列没有表头"),
    "with_the_balance": ({"F2": "收入合计（含上年结转）"}, "不是income本身"),
    "net": ({"F2": "净收入"}, "不是income本身"),
    "permille": ({"F2": "收入‰"}, "不是income本身"),
    "of_years": ({"F2": "历年收入"}, "几年"),
    "over_years": ({"F2": "收入（2019-2024年）"}, "几年"),
    "the_period_before": ({"F2": "上期收入"}, "上年"),
    "the_same_period": ({"F2": "收入（同期）"}, "上年"),
    "other_year_in_brackets": ({"F2": "收入（2023）"}, "2024"),
    "the_year_in_brackets": ({"F2": "收入（2024）"}, None),
    "households": ({"B2": "参保户数"}, "不是人数"),
    "employers": ({"B2": "参保单位数"}, "不是人数"),
    "thousands_of_persons": ({"B2": "参保人数（千人）"}, "千人"),
    "retired": ({"B2": "退休人数"}, "enrolled_persons"),
    "both_kinds_of_insured": ({"B2": "参保人数（在职、退休）"}, None),
    "newly_enrolled": ({"B2": "新增参保人数"}, "不是enrolled_persons本身"),
    "to_be_enrolled": ({"B2": "应参保人数"}, "不是enrolled_persons本身"),
    "population": ({"B2": "户籍人口"}, "不是enrolled_persons本身"),
    "who_paid": ({"B2": "缴费人数"}, "不是enrolled_persons本身"),
    "who_benefits": ({"B2": "享受人数"}, "模板却读作 enrolled_persons"),
    "another_county": ({"A1": "临高县2024年1-6月收支表"}, "说的是临高县"),
    "an_unknown_county": ({"A1": "青山县2024年1-6月收支表"}, "说的是青山县"),
    "a_short_name": ({"A1": "海口2024年1-6月医保基金收支表"}, "说的是海口市"),
    "the_province": ({"A1": "海南省2024年1-6月收支表"}, "说的是海南省"),
    "the_whole_province": ({"A1": "全省2024年1-6月收支表"}, "说的是全省"),
    "the_county_of_a_province": ({"A1": "海南省某县2024年1-6月收支表"}, None),
    "the_whole_county": ({"A1": "全县2024年1-6月收支表"}, None),
    "by_county": ({"A1": "分市县2024年1-6月收支表"}, None),
    "the_own_unit": ({"A1": "某县本级2024年1-6月收支表"}, "本级"),
    "the_office": ({"K1": "海南省医疗保障局"}, None),
    "growth_in_the_title": ({"A1": "某县2024年1-6月收支增长率表"}, "比率"),
    "of_the_month_in_the_title": ({"A1": "某县2024年6月当月收支表"}, "累计"),
    "without_accounts": ({"A1": "某县2024年1-6月收支表（不含个人账户）"}, "fund_scope: pool"),
    "with_accounts": ({"A1": "某县2024年1-6月收支表（含个人账户）"}, "fund_scope: total"),
}


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", HEADERS)
def test_a_header_that_contradicts_the_template_refuses_the_table(
    kind: str, suffix: str, tmp_path: Path
) -> None:
    changes, said = HEADERS[kind]
    rows = [[*row, ""] for row in [*table(), [""] * 11]]
    for place, text in changes.items():
        rows[int(place[1:]) - 1][ord(place[0]) - ord("A")] = text
    by = write_template(tmp_path, template("某县", recognise={"cells": {"A2": "项目"}}))
    path = tmp_path / f"made.{suffix}"
    if suffix == "csv":
        write_csv(path, rows)
    else:
        workbook(rows).save(path)
    if said is None:
        assert values(read(path, by))["F3"] == "41203600"
    else:
        with pytest.raises(Refused) as refusal:
            read(path, by)
        assert said in refusal.value.text.zh


def test_a_column_without_a_header_is_read_where_the_template_says_so(tmp_path: Path) -> None:
    by = write_template(tmp_path, template("某县", recognise={"cells": {"A2": "项目", "F2": ""}}))
    assert values(read(write_csv(tmp_path / "made.csv", table(F2="")), by))["F3"] == "41203600"


def test_a_note_that_the_template_skips_says_no_unit(tmp_path: Path) -> None:
    rows = [*table(), ["注：救助金额以元计", *[""] * 10]]
    made = template("某县")
    with pytest.raises(Refused, match="单位是元"):
        read(write_csv(tmp_path / "made.csv", rows), write_template(tmp_path, made))
    made["rows"]["注*"] = {"skip": "说的是另一张表"}
    assert values(read(tmp_path / "made.csv", write_template(tmp_path, made)))["F3"] == "41203600"


TITLES = {
    # title: (changes of the template, what the refusal says; None where it is read)
    "某县2023年1-6月收支表": ({"period": {"basis": "ytd", "end": "2024-06-30"}}, "另一时期"),
    "某县2024年一季度收支表": ({"period": {"basis": "ytd", "end": "2024-06-30"}}, "另一时期"),
    "2024年1-6月养老保险收支表": ({"period": {"basis": "ytd", "end": "2024-06-30"}}, "别的保险"),
    "某县2024年上半年收支表": ({"period": {"basis": "ytd", "end": "2024-06-30"}}, None),
    "某县2023年1-6月份收支表": (
        {"period": {"basis": "ytd", "end": "2024-06-30", "note": "标题的年份印错，来源已更正"}},
        None,
    ),
    "某县2024年1-6月收支快报": ({"report_status": "final"}, "快报"),
    "某县2024年1-6月收支决算表": ({"report_status": "preliminary"}, "决算"),
    "某县2024年1-6月收支快报表": ({"report_status": "preliminary"}, None),
}


@pytest.mark.parametrize("title", TITLES)
def test_a_title_holds_against_a_period_that_is_written_down_and_a_status(title: str, tmp_path: Path) -> None:
    changes, said = TITLES[title]
    path, by = (
        write_csv(tmp_path / "made.csv", table(title)),
        write_template(tmp_path, template("某县", **changes)),
    )
    if said is None:
        assert read(path, by).read
    else:
        with pytest.raises(Refused, match=said):
            read(path, by)


def test_a_title_names_the_insurance_of_rows_that_do_not(tmp_path: Path) -> None:
    rows = [["某县2024年1-6月居民医保收支表", ""], ["项目", "金额"], ["收入", "1"]]
    parts: dict[str, Any] = {"recognise": {"cells": {"A2": "项目"}}, "columns": {"B": {"scheme": "employee"}}}
    by = write_template(tmp_path, template("某县") | parts | {"rows": {"收入": {"item": "income"}}})
    with pytest.raises(Refused, match="模板却读作 employee"):
        read(write_csv(tmp_path / "made.csv", rows), by)
    rows[0][0] = "某县2024年1-6月基本医疗保险、医疗救助收支表"
    assert values(read(write_csv(tmp_path / "made.csv", rows), by)) == {"B3": "10000"}


def test_a_column_put_in_under_an_unheard_of_name_is_seen_by_the_one_it_moved(tmp_path: Path) -> None:
    columns: dict[str, Any] = {"F": {"item": "income"}, "G": {"item": "expenditure"}}
    by = write_template(tmp_path, template("某县", columns=columns, recognise={"cells": {"A2": "项目"}}))
    path = write_csv(tmp_path / "made.csv", table(G2="清算资金", H2="支出"))
    with pytest.raises(Refused, match="没有读的 H 列"):
        read(path, by)


def test_a_column_of_another_region_is_refused(tmp_path: Path) -> None:
    parts: dict[str, Any] = {
        "region": {"name": "海南省", "code": "460000"},
        "columns": {
            "B": {"region": "海口市", "scheme": "resident"},
            "C": {"region": "三亚", "scheme": "resident"},
        },
        "rows": {"收入": {"item": "income"}},
    }
    by = write_template(tmp_path, template("海南省") | {"recognise": {"cells": {"A2": "项目"}}} | parts)
    rows = [["海南省2024年1-6月", "", ""], ["项目", "海口", "三亚市"], ["收入", "1", "2"]]
    found = {cell.cell: cell.region_code for cell in read(write_csv(tmp_path / "made.csv", rows), by).read}
    assert found == {"B3": "460100", "C3": "460200"}
    rows[1] = ["项目", "三亚市", "海口"]
    with pytest.raises(Refused, match="模板却读作海口市"):
        read(write_csv(tmp_path / "made.csv", rows), by)


def test_percentages_left_unread_are_counted(tmp_path: Path) -> None:
    columns: dict[str, Any] = {"F": {"item": "income"}}
    by = write_template(tmp_path, template("某县", columns=columns))
    result = read(write_csv(tmp_path / "made.csv", table(H2="同比", H3="2.5%")), by)
    assert "H3" in {cell.cell for cell in result.unread}


@pytest.mark.parametrize(
    ("printed", "unit"), [("3.82", "人"), ("12.34567", "万人"), ("0.5", "人"), ("100.1", "人")]
)
def test_a_part_of_a_person_is_refused(printed: str, unit: str, tmp_path: Path) -> None:
    columns: dict[str, Any] = {"B": {"item": "enrolled_persons", "unit": unit}}
    by = write_template(tmp_path, template("某县", columns=columns))
    with pytest.raises(Refused, match="不是整数个人"):
        read(write_csv(tmp_path / "made.csv", table(B3=printed)), by)


def test_less_than_no_person_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="负数"):
        read(
            write_csv(tmp_path / "made.csv", table(B3="(38215)")), write_template(tmp_path, template("某县"))
        )


def test_data_above_the_first_row_are_counted_as_unread(tmp_path: Path) -> None:
    by = write_template(tmp_path, template("某县", first_row=4))
    result = read(write_csv(tmp_path / "made.csv", table()), by)
    assert {"B3", "C3", "F3"} <= {cell.cell for cell in result.unread}


def test_names_and_aliases_are_known_regions_and_new_ones_are_said() -> None:
    result = read(CASES / "R1_2025M03.csv", CASES / "r1.yml")
    found = {cell.label: cell.region_code for cell in result.read}
    assert found == {
        "海口": "460100",
        "三亚市": "460200",
        "儋州(含洋浦)": "460400",
        "陵水县": "469028",
        "白沙": "469025",
        "琼中": "469030",
        "洋浦经济开发区": "460400499",
        "省本级": "469900",
        "１．文昌市": "469005",
        "①琼海市": "469002",
        "万宁 市": "469006",
        "昌江縣": "469026",
        "保亭黎族苗族自治县": "469029",
        "乐东县": "469027",
        "临高": "469024",
        "澄迈": "469023",
        "定安": "469021",
        "屯昌": "469022",
        "五指山": "469001",
        "东方市": "469007",
        "三沙": "460300",
    }
    assert result.new_regions == []


def test_the_own_unit_of_another_province_is_not_ours(tmp_path: Path) -> None:
    result = regions_table(tmp_path, ["省本级,70,50"], region={"name": "贵州省", "code": "520000"})
    assert [(region.key, region.parent) for region in result.new_regions] == [("x-省本级", "520000")]


def regions_table(folder: Path, printed: list[str], **changes: Any) -> Extract:
    lines = ["2025年1-3月居民医保,,", "单位:万元,,", "地区,收入,支出", *printed]
    path = folder / "regions.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    content = template("海南省") | {
        "recognise": {"cells": {"A3": "地区"}},
        "region": {"name": "海南省", "code": "460000", "parent": "000000"},
        "first_row": 4,
        "columns": {
            "B": {"item": "income", "scheme": "resident"},
            "C": {"item": "expenditure", "scheme": "resident"},
        },
        "rows": {"*": {"region": "label"}},
    }
    return read(path, write_template(folder, content | changes))


@pytest.mark.parametrize("mark", ["①", "*", "†", "¹", " ※"])
def test_a_mark_behind_a_label_makes_no_new_region(mark: str, tmp_path: Path) -> None:
    result = regions_table(tmp_path, [f"海口市{mark},70,50", f"陵水县{mark},7,5"])
    assert {cell.region_code for cell in result.read} == {"460100", "469028"}


@pytest.mark.parametrize(
    "rows",
    [
        ["北部,120,80", "海口市,70,50", "文昌市,50,30"],
        ["西线片区,1.5,1", "  儋州市,1.4,1"],
        ["合计,120,80"],
        ["各县小计,120,80"],
        ["全省,120,80"],
        ["其中：,120,80"],
        ["海口市,70,50", "文昌市,50,30", "北部,120,80"],
        ["北部,120.01,80.00", "海口市,70.00,50.00", "文昌市,50.00,30.00"],
    ],
)
def test_a_subtotal_is_never_taken_for_a_county(rows: list[str], tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        regions_table(tmp_path, rows)
    assert "total_of" in refusal.value.text.zh


def test_a_subtotal_of_named_regions_is_said_by_the_template(tmp_path: Path) -> None:
    rows = [
        "全省,300,200",
        "北部,120,80",
        "  海口市,70,50",
        "  文昌,50,30",
        "南部,180,120",
        "  三亚市,180,120",
    ]
    result = regions_table(
        tmp_path,
        rows,
        rows={
            "全省": {"total_of": ["regions"]},
            "北部": {"region": "label", "total_of": ["海口", "文昌市"]},
            "南部": {"region": "label", "total_of": ["三亚市"]},
            "*": {"region": "label"},
        },
    )
    totals = {cell.label: (cell.region_code, cell.total_of) for cell in result.read if cell.total_of}
    assert totals == {
        "全省": ("460000", "regions"),
        "北部": ("x-北部", "regions:460100;469005"),
        "南部": ("x-南部", "regions:460200"),
    }


def test_numbers_left_unread_are_counted(tmp_path: Path) -> None:
    columns = {"F": {"item": "income"}, "G": {"skip": "另表"}}
    result = read(
        write_csv(tmp_path / "made.csv", table()),
        write_template(tmp_path, template("某县", columns=columns, last_row=6)),
    )
    assert len(result.skipped) == 4
    unread = {cell.cell for cell in result.unread}
    assert {"B3", "E4", "K6", "F7"} <= unread
    assert not {"F3", "G3", "A1"} & unread
    remarks = result.remarks()
    assert remarks is not None
    assert f"{len(unread)} 个数没有读" in remarks.zh
    assert "4 个数按模板略过" in remarks.zh


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("scaled.xls", "4120.3600"),
        ("thousands.xls", "41203.60"),
        ("percent.xls", "百分数"),
        ("raised.xls", "上标"),
    ],
)
def test_an_xls_is_refused_where_its_reader_sees_another_number(name: str, said: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(CASES / name, CASES / "s.yml")
    assert said in refusal.value.text.zh
    assert name in refusal.value.text.en


def test_an_xls_is_read_as_it_shows_its_numbers() -> None:
    assert values(read(CASES / "plain.xls", CASES / "s.yml"))["C4"] == "41203600"
    grid = read_book(CASES / "two_decimals.xls", "two_decimals.xls").grids[0]
    assert grid.at(4, 3) == "4120.36"


def test_the_formats_of_an_xls_stand_at_their_cells() -> None:
    codes = number_formats((CASES / "scaled.xls").read_bytes()).codes
    assert {place: code for place, code in codes.items() if code != "General"} == {
        ("收支表", 4, 3): "0!.0000"
    }
    assert len(codes) == 8


def test_an_xls_whose_formats_cannot_be_known_is_refused(tmp_path: Path) -> None:
    content = bytearray((CASES / "plain.xls").read_bytes())
    beginning = content.index(b"\x09\x08\x10\x00\x00\x06")
    content[beginning + 4 : beginning + 6] = b"\x00\x05"
    (tmp_path / "old.xls").write_bytes(content)
    with pytest.raises(Refused, match="XLSX"):
        read_book(tmp_path / "old.xls", "old.xls")


PARTS_OF_A_YEAR = [
    "某县2025年医保基金情况（1-3月）",
    "某县（2025年）1-3月医保基金情况",
    "1-3月医保基金情况（2025年）",
    "某县一季度医保基金（2025年）",
    "某县2025年（1-3月份）",
    "2025年度医保基金1—3月",
    "2025年元月至3月",
    "医保基金2025年情况（截至3月）",
    "2025年度医保基金情况表（3月）",
    "3月份医保基金收支情况 2025年",
    "2025年度（截至2025年3月31日）",
    "2025年前3个月医保基金",
    "2025年医保基金（上半年）",
    "2025年医保基金（三月）",
]


@pytest.mark.parametrize("title", PARTS_OF_A_YEAR)
def test_a_title_that_names_a_part_of_the_year_is_never_the_whole_year(title: str, tmp_path: Path) -> None:
    by = write_template(tmp_path, template("某县"))
    path = write_csv(tmp_path / "made.csv", table(title))
    if title in ("2025年元月至3月", "2025年度（截至2025年3月31日）"):
        assert {str(cell.period.end) for cell in read(path, by).read} == {"2025-03-31"}
    else:
        with pytest.raises(Refused, match="时期"):
            read(path, by)


@pytest.mark.parametrize("second", ["2025年1-3月 单位：万元", "1-3月", "一季度", "上半年", "2024年"])
def test_a_second_line_that_names_another_period_than_the_title_is_refused(
    second: str, tmp_path: Path
) -> None:
    rows = table("某县2025年医保基金情况")
    rows.insert(1, [second, *[""] * 10])
    made = template("某县", first_row=4) | {"recognise": {"cells": {"A3": "项目"}}}
    with pytest.raises(Refused, match="另一时期"):
        read(write_csv(tmp_path / "made.csv", rows), write_template(tmp_path, made))


@pytest.mark.parametrize(
    "second", ["2025年1-12月", "填报日期：2026年1月10日", "2026年2月3日", "编制时间：2026年2月", "年度"]
)
def test_the_day_a_table_was_made_is_not_its_period(second: str, tmp_path: Path) -> None:
    rows = table("某县2025年医保基金情况")
    rows.insert(1, [second, *[""] * 10])
    made = template("某县", first_row=4) | {"recognise": {"cells": {"A3": "项目"}}}
    result = read(write_csv(tmp_path / "made.csv", rows), write_template(tmp_path, made))
    assert {str(cell.period.end) for cell in result.read} == {"2025-12-31"}


@pytest.mark.parametrize(("name", "is_same"), [("made_2025M03.csv", True), ("made_2025M04.csv", False)])
def test_a_file_name_and_a_title_name_the_same_months(name: str, is_same: bool, tmp_path: Path) -> None:
    by = write_template(tmp_path, template("某县", period={"basis": "ytd", "from": "file_name"}))
    path = write_csv(tmp_path / name, table("某县2025年1-3月收支表"))
    if is_same:
        assert read(path, by).read
    else:
        with pytest.raises(Refused, match="另一时期"):
            read(path, by)


ROWS_OF_WORDS = {
    # kind: (the row put in between, what the refusal says; None where it is read)
    "another_scheme": (["生育保险", ""], "生育保险"),
    "no_scheme_of_ours": (["公务员医疗补助", "—"], "公务员"),
    "year_before": (["上年同期", ""], "上年"),
    "another_year": (["2024年", ""], "2024年"),
    "another_month": (["2月", ""], "2月"),
    "unit": (["单位：元", ""], "单位是元"),
    "unit_over_a_column": (["", "单位：元"], "单位是元"),
    "header_with_unit": (["项目", "金额（元）"], "单位是元"),
    "header_of_budget": (["项目", "预算数"], "预算"),
    "budget": (["预算", ""], "预算"),
    "account": (["个人账户", ""], "口径"),
    "the_same_scheme": (["职工基本医疗保险", ""], None),
    "the_same_year": (["2025年", ""], None),
    "the_same_unit": (["单位：万元", ""], None),
    "header_again": (["项目", "金额"], None),
    "nothing": (["其中：", ""], None),
    "a_note": (["注：2024年数见另表", ""], None),
}


@pytest.mark.parametrize("kind", ROWS_OF_WORDS)
def test_a_row_of_words_between_rows_is_held_against_the_template(kind: str, tmp_path: Path) -> None:
    between, said = ROWS_OF_WORDS[kind]
    rows = [
        ["某县2025年1-3月", ""],
        ["项目", "金额"],
        ["职工医保", ""],
        ["收入", "1"],
        between,
        ["支出", "2"],
    ]
    parts: dict[str, Any] = {
        "recognise": {"cells": {"A2": "项目"}},
        "columns": {"B": {}},
        "sections": {"职工医保": {"scheme": "employee"}, "居民医保": {"scheme": "resident"}},
        "rows": {"收入": {"item": "income"}, "支出": {"item": "expenditure"}},
    }
    by = write_template(tmp_path, template("某县") | parts)
    path = write_csv(tmp_path / "made.csv", rows)
    if said is None:
        assert values(read(path, by)) == {"B4": "10000", "B6": "20000"}
        return
    with pytest.raises(Refused) as refusal:
        read(path, by)
    assert said in refusal.value.text.zh
    if between[0] and "单位" not in between[0]:  # a unit is the unit of the template, or of none
        skipping = {**parts["rows"], between[0]: {"skip": "略"}}
        by = write_template(tmp_path, template("某县") | parts | {"rows": skipping})
        assert values(read(path, by)) == {"B4": "10000", "B6": "20000"}


def test_a_section_of_the_template_ends_one_that_it_does_not_know(tmp_path: Path) -> None:
    rows = [["某县2025年1-3月", ""], ["项目", "金额"], ["职工医保", ""], ["收入", "1"], ["生育保险", ""]]
    parts: dict[str, Any] = {
        "recognise": {"cells": {"A2": "项目"}},
        "columns": {"B": {}},
        "sections": {"职工医保": {"scheme": "employee"}, "居民医保": {"scheme": "resident"}},
        "rows": {"收入": {"item": "income"}, "支出": {"item": "expenditure"}},
    }
    by = write_template(tmp_path, template("某县") | parts)
    path = write_csv(tmp_path / "made.csv", [*rows, ["居民医保", ""], ["收入", "2"]])
    assert values(read(path, by)) == {"B4": "10000", "B7": "20000"}
    path = write_csv(tmp_path / "made.csv", [*rows, ["单位：元", ""], ["居民医保", ""], ["收入", "2"]])
    with pytest.raises(Refused, match="单位是元"):
        read(path, by)


NO_REGIONS = [
    "西片",
    "东部地区",
    "其他市县",
    "各市县",
    "海口、三亚",
    "海口市等5个市县",
    "试点地区",
    "农垦",
    "中央",
    "抵销",
    "最高",
    "HK",
    "总 数",
    "上年同期",
    "去年",
    "增长",
    "备注",
    "—",
    "2025",
    "3",
    "本级",
    "市本级",
    "未知",
    "省外",
    "同比",
    "预算数",
]


@pytest.mark.parametrize("label", NO_REGIONS)
def test_a_word_that_names_no_region_makes_none(label: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="不像地区"):
        regions_table(tmp_path, ["三亚市,7,5", f"{label},70,50"])


@pytest.mark.parametrize(
    ("region", "label"),
    [("海口市", "市本级"), ("广西壮族自治区", "自治区本级"), ("某县", "县本级"), ("贵州省", "省直")],
)
def test_the_own_level_of_the_region_of_the_template_is_a_region(
    region: str, label: str, tmp_path: Path
) -> None:
    result = regions_table(tmp_path, [f"{label},70,50"], region={"name": region, "parent": "000000"})
    assert {cell.region_name for cell in result.read} == {label}


def test_numbers_near_each_other_are_no_subtotal(tmp_path: Path) -> None:
    result = regions_table(tmp_path, ["新区,4,8", "海口市,1,3", "文昌市,2,4"])
    assert len(result.new_regions) == 1


@pytest.mark.parametrize("printed", ["1.0E400", "12345678901234567890123456", "1E-400", "1234567890123"])
def test_a_number_that_no_table_holds_is_refused_at_its_cell(printed: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="csv!F3"):
        read(write_csv(tmp_path / "made.csv", table(F3=printed)), write_template(tmp_path, template("某县")))


@pytest.mark.parametrize(
    ("end", "way"), [("G3", "across to G3"), ("F4", "down to F4"), ("G4", "down and across")]
)
def test_a_merged_number_is_said_to_be_merged_in_its_direction(end: str, way: str, tmp_path: Path) -> None:
    book = workbook(table())
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.merge_cells(f"F3:{end}")
    book.save(tmp_path / "made.xlsx")
    with pytest.raises(Refused) as refusal:
        read(tmp_path / "made.xlsx", write_template(tmp_path, template("某县")))
    assert way in refusal.value.text.en
