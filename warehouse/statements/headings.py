"""What the headers of a table say of its columns, held against what the template says: a unit, a period,
budget or actual, another item. Where they differ a column was put in or changed, and nothing is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from warehouse.statements.periods import Span, parse_period
from warehouse.statements.sheet import Grid
from warehouse.statements.template import FROM_LABEL, Dims, shipped_regions
from warehouse.statements.texts import label_key, plain_text
from warehouse.statements.vocabulary import ITEM_WORDS, SCHEME_WORDS, UNITS, first_of, is_stock
from warehouse.texts import Text

UNIT_ENDS = re.compile(r"(百万元|千元|万元|亿元|万人次|亿人次|万人)$")
TOKENS = re.compile(r"[、,;/和及或与()·|:。.\[\]]")
ENGLISH = {
    "yuan": "元",
    "rmb": "元",
    "rmbyuan": "元",
    "thousandyuan": "千元",
    "1000yuan": "千元",
    "tenthousandyuan": "万元",
    "10000yuan": "万元",
    "millionyuan": "百万元",
    "100millionyuan": "亿元",
    "person": "人",
    "persons": "人",
    "tenthousandpersons": "万人",
    "10000persons": "万人",
    "visits": "人次",
    "person-times": "人次",
    "10000visits": "万人次",
}
EXPECTED = re.compile(r"预计|预测|estimated?|forecast", re.IGNORECASE)
DONE = re.compile(r"执行|决算|实际|完成|实绩|actual", re.IGNORECASE)
DONE_LABEL = re.compile(r"(执行|决算|完成|实际)数")
PLANNED = re.compile(
    r"(预算|概算|计划)(数|表|额|[()]|$)|^(年初|调整|全年|年度|本年)?(预算|计划(?!生育))|年度?(预算|计划(?!生育))"
    r"|预算草案|budget",
    re.IGNORECASE,
)
CHANGES = re.compile(r"[(]%|%[)]|%$|同比|环比|增长|增幅|增减|增加|减少|占比|比重|比例|率([(]|$)|百分点")
YEAR_BEFORE = re.compile(r"(上年|去年)(同期|数|实际|执行|决算|完成)|^(上年|去年)(度|累计)?$|同期数?$")
OF_MONTH = re.compile(r"本月|当月")
CUMULATED = re.compile(r"累计(?!结|滚)|年初至今")
BRACKETS = re.compile(r"\([^()]*\)")
BARE_YEAR = re.compile(r"^(?:19|20)\d{2}$")


@dataclass(frozen=True)
class Headings:
    """The texts above the data of a grid."""

    grid: Grid
    first_row: int

    @cached_property
    def _lines(self) -> list[int]:
        """Rows of titles: one text, above the first row that heads columns, or a remark on units."""
        lines, is_above = [], True
        for row in range(1, self._end):
            texts = [text for text in self.grid.rows[row - 1] if text.strip() and not _is_unit_line(text)]
            is_above = is_above and len(texts) < 2
            if not texts or (is_above and row < self.first_row - 1):
                lines.append(row)
        return lines

    @property
    def _end(self) -> int:
        return min(self.first_row, len(self.grid.rows) + 1)

    @cached_property
    def above(self) -> list[str]:
        """Texts above the table that hold for the whole sheet."""
        return [
            text
            for row in range(1, self._end)
            for text in self.grid.rows[row - 1]
            if text.strip() and (row in self._lines or _is_unit_line(text))
        ]

    @cached_property
    def titles(self) -> list[str]:
        """Texts that hold for the whole sheet: above the data, and notes on units below them."""
        below = [[text for text in texts if text.strip()] for texts in self.grid.rows[self._end - 1 :]]
        return self.above + [texts[0] for texts in below if len(texts) == 1 and "单位" in texts[0]]

    def of(self, column: int) -> list[str]:
        """The headers of a column, the nearest first; a group header stands over the empty cells at its right."""
        rows = [row for row in range(self._end - 1, 0, -1) if row not in self._lines]
        own = next((row for row in rows if self._header(row, column)), 0)
        found = [
            next((text for place in range(column, 0, -1) if (text := self._header(row, place))), "")
            for row in rows
            if row <= own
        ]
        return [text for text in found if text]

    def _header(self, row: int, column: int) -> str:
        text = self.grid.at(row, column).strip()
        return "" if _is_unit_line(text) else text


def units_said(text: str) -> set[str]:
    """The units that a title, a header or a label names."""
    key = plain_text(text)
    english = re.sub(r"10,000", "10000", unicodedata.normalize("NFKC", text).lower())
    found = set()
    for whole in (key, re.sub(r"\s+", "、", unicodedata.normalize("NFKC", text))):
        for said in whole.split("单位")[1:]:
            found |= {token.lstrip("为是系").removeprefix("人民币") for token in TOKENS.split(said)}
    for said in re.findall(r"\(([^()]*)\)", key):
        found |= set(TOKENS.split(said))
    for said in [*re.findall(r"\(([^()]*)\)", english), *english.split("unit")[1:]]:
        found |= {ENGLISH.get(re.sub(r"\s+", "", token), "") for token in re.split(r"[,;:/()]", said)}
    found.add(TOKENS.split(key)[-1])
    found |= set(UNIT_ENDS.findall(key))
    return {unit for unit in found if unit in UNITS and not unit.isascii()}


def figures_said(text: str, *, is_label: bool = False) -> str | None:
    """``budget`` or ``actual`` where a text says one; what is only expected is no actual."""
    key = plain_text(text)
    if EXPECTED.search(key):
        return "budget"
    if (DONE_LABEL if is_label else DONE).search(key):
        return "actual"
    return "budget" if PLANNED.search(key) else None


def wrong_unit(unit: str, levels: list[list[str]]) -> Text | None:
    """What is wrong with ``unit`` by the nearest text that names one of its kind."""
    kind, factor = UNITS[unit]
    for level in levels:
        said = {each for text in level for each in units_said(text) if UNITS[each][0] == kind}
        if not said:
            continue
        if any(UNITS[each][1] == factor for each in said):
            return None
        listed = "、".join(sorted(said))
        return Text(
            f"表上写的单位是{listed}，模板说是{unit}；请核对，按表上的单位改模板的 unit",
            f"the table says {listed}, the template says {unit}; make unit of the template what the table says",
        )
    return None


def wrong_figures(figures: str, label: str, levels: list[list[str]]) -> Text | None:
    """What is wrong with ``figures`` (actual or budget) by the nearest text that says one."""
    said = [(label, figures_said(label, is_label=True))]
    said += [(text, figures_said(text)) for level in levels for text in level]
    for text, found in said:
        if found is None:
            continue
        if found == figures:
            return None
        shown = " ".join(text.split())
        names = {"actual": Text("实际数", "actual figures"), "budget": Text("预算数", "budget figures")}
        return Text(
            f"表上写着“{shown}”，模板却说是{names[figures].zh}；请写 figures: {found}，或改读另一列",
            f"the table says '{shown}', the template says {names[figures].en}; say figures: {found}, "
            "or read another column",
        )
    return None


def wrong_column(own: Dims, item: str, scheme: str, period: Span, headers: list[str]) -> Text | None:
    """What a column's headers say that contradicts the template: another item, scheme, period, or a change."""
    for said in _contradictions(own, item, scheme, period, headers):
        header, zh, en = said
        shown = " ".join(header.split())
        return Text(
            f"这一列的表头是“{shown}”，{zh}；列可能移动了，请核对模板的 columns",
            f"the header of this column is '{shown}', {en}; the columns may have moved, look at columns of the "
            "template",
        )
    return None


def item_of(headers: list[str]) -> str | None:
    """The item that a column's headers name, the nearest first; None for a part, a change or another period."""
    keys = [label_key(header) for header in headers]
    if not keys or CHANGES.search(keys[0]) or any(YEAR_BEFORE.search(key) for key in keys):
        return None
    if keys[0].startswith(("其中", "含")) or any(figures_said(key) == "budget" for key in keys):
        return None
    return next(
        (guess for key in keys if (guess := first_of(ITEM_WORDS, BRACKETS.sub("", key) or key))), None
    )


def _contradictions(
    own: Dims, item: str, scheme: str, period: Span, headers: list[str]
) -> Iterator[tuple[str, str, str]]:
    keys = [(header, label_key(header)) for header in headers]
    for header, key in keys[:1]:
        if CHANGES.search(key):
            yield header, f"不是{item}本身", f"no {item} itself"
    if own.item is not None:
        for header, key in keys:
            guess = first_of(ITEM_WORDS, BRACKETS.sub("", key) or key)
            if guess is None:
                continue
            if item == "opening_balance" and _year_of(key) == period.end.year - 1:
                break
            is_part = key.startswith(("其中", "含")) or (guess != guess.split(".")[0] and guess != item)
            is_said_part = own.of_which or "." in item or item.startswith("enrolled_a")
            if _family(guess) != _family(item) or (is_part and not is_said_part and _is_whole(item)):
                yield header, f"模板却读作 {item}", f"the template reads it as {item}"
            break
    if own.scheme is not None:
        for header, key in keys:
            schemes = {code for pattern, code in SCHEME_WORDS[:-1] if re.search(pattern, key)}
            if not schemes:
                continue
            if len(schemes) == 1 and scheme != "all" and not schemes & _alike(scheme):
                yield header, f"模板却读作 {scheme}", f"the template reads it as {scheme}"
            break
    if own.region not in (None, FROM_LABEL):
        meant = shipped_regions().get(label_key(own.region or ""))
        for header, key in keys:
            found_region = shipped_regions().get(key)
            if meant and found_region and found_region != meant:
                yield header, f"模板却读作{meant.name}", f"the template reads it as {meant.name}"
    for header, key in keys:
        if own.period is None and YEAR_BEFORE.search(key):
            yield header, "是上年的数", "figures of the year before"
        found = _year_of(key)
        if found == period.end.year - 1 and item == "opening_balance":
            continue
        if found is not None and found != period.end.year:
            yield header, f"模板却读作 {period.end.year} 年", f"the template reads it as {period.end.year}"
    if not is_stock(item) and item != "opening_balance":
        for header, key in keys:
            if OF_MONTH.search(key) and not CUMULATED.search(key) and period.basis in ("ytd", "year", "t12"):
                yield header, "模板却读作累计数（basis）", "the template reads it as cumulated (basis)"
            if CUMULATED.search(key) and not OF_MONTH.search(key) and period.basis in ("month", "quarter"):
                yield (
                    header,
                    "模板却读作当月或当季数（basis）",
                    "the template reads it as one month or quarter (basis)",
                )


def _year_of(key: str) -> int | None:
    if BARE_YEAR.match(key):
        return int(key)
    if not re.search(r"(?:19|20)\d{2}年", key):
        return None
    try:
        found = parse_period(key)
    except ValueError:
        return None
    return found[1].year if found else None


def _is_whole(item: str) -> bool:
    return item in ("income", "expenditure", "enrolled_persons", "closing_balance")


def _family(item: str) -> str:
    root = item.split(".")[0]
    if root.startswith("enrolled"):
        return "enrolled"
    return "benefit" if root in ("beneficiaries", "benefit_visits") else root


def _alike(scheme: str) -> set[str]:
    return {scheme} | ({"resident"} if scheme in ("urban_resident", "ncms") else set())


def _is_unit_line(text: str) -> bool:
    return bool(re.match(r"(计量|金额)?单位[:(]?", label_key(text))) or text.strip().lower().startswith(
        "unit"
    )
