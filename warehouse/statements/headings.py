"""What the headers of a table say of its columns, held against what the template says: a unit, a period,
budget or actual, another item. Where they differ a column was put in or changed, and nothing is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from warehouse.statements.periods import Span, last_months_named, parse_period, says_from_january, years_named
from warehouse.statements.sheet import Grid
from warehouse.statements.template import FROM_LABEL, Dims, shipped_regions
from warehouse.statements.texts import is_number, label_key, plain_text
from warehouse.statements.titles import OTHER_SCHEMES
from warehouse.statements.vocabulary import ITEM_WORDS, SCHEME_WORDS, UNITS, first_of, is_stock, kind_of
from warehouse.texts import Text

LONG_UNITS = sorted((each for each in UNITS if not each.isascii() and len(each) > 1), key=len, reverse=True)
UNIT_ENDS = re.compile(rf"({'|'.join(each for each in LONG_UNITS if each not in ('人次', '个月'))})$")
AMOUNT_ENDS = re.compile(r"(?:收入|支出|结余|结存|余额|金额|费用|补助)元$")
UNIT_OF_ALL = re.compile(
    rf"(?:[以按]|[均皆]为|金额为|数据为)(?:人民币)?({'|'.join([*LONG_UNITS, '元', '人'])})(?![一-龥]*[省市县])"
)
SCALE_WORDS = {each: f"{each}元" for each in ("百", "千", "万", "十万", "百万", "千万", "亿")}
CURRENCIES = re.compile(r"美[元金]|港[币元]|欧元|日[元圆]|英镑|澳[门元]|台币|卢布|韩元|USD|HKD|EUR|US\$|HK\$")
OTHER_BRACKETS = str.maketrans("【〔〖〈《<》〉〗〕】>∶", "(((((())))))" + ":")
TOKENS = re.compile(r"[、,;/和及或与()·|:。.\[\]=]")
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
ENGLISH_SCALES = (
    (re.compile(r"(hundred|100)\s*millions?( of)? (yuan|rmb|cny)"), "亿元"),
    (re.compile(r"(?<!hundred )(?<!100 )millions?( of)? (yuan|rmb|cny)"), "百万元"),
    (re.compile(r"(ten |10[, ]?)thousands?( of)? (yuan|rmb|cny)"), "万元"),
    (
        re.compile(r"(?<!ten )(?<!10)(?<!10 )thousands?( of)? (yuan|rmb|cny)|(yuan|rmb|cny)[ '’]*000\b"),
        "千元",
    ),
)
EXPECTED = re.compile(r"预计|预测|预估|测算|估算|目标|estimated?|forecast|target", re.IGNORECASE)
DONE = re.compile(r"执行|决算|实际|完成|实绩|actual", re.IGNORECASE)
DONE_LABEL = re.compile(r"(执行|决算|完成|实际)数")
PLANNED = re.compile(
    r"(预算|概算|计划)(数|表|额|[()]|$)|^(年初|调整|全年|年度|本年)?(预算|计划(?!生育))|年度?(预算|计划(?!生育))"
    r"|预算草案|budget",
    re.IGNORECASE,
)
PLANNED_TITLE = re.compile(r"预算|概算|计划(?!生育)|budget", re.IGNORECASE)
PLAN_AND_DONE = re.compile(r"(预算|概算|计划)(收支)?(表|草案|方案|数).*(执行|决算|实际|完成)")
PLANNED_NOTE = re.compile(
    r"(本表|以上|上列|表内|表中|均为)[^。;；]*(预算|概算|计划|预计|预测|测算)(数|草案|$|[。;；,，])"
)
CHANGES = re.compile(
    r"[(][%‰]|[%‰][)]|[%‰]$|同比|环比|增长|增幅|增减|增加|减少|占比|比重|比例|率([(]|$)|百分点|增量|增额|增速|净增|排[名位]|[位名]次$|序号"
)
AVERAGES = re.compile(r"[人次户月日]均|平均")
HEADS = re.compile(r"人数|人次|户数|家数|单位数")
AMOUNTS = re.compile(r"收入|支出|费|额|金(?!人)|结[余存]")
WITHOUT = re.compile(r"不含|不包括|剔除|扣除")
WITH_ACCOUNT = re.compile(r"(?<!不)(含|包括)[^()]{0,6}个[人账]*账户")
WITHOUT_ACCOUNT = re.compile(r"(不含|不包括|剔除|扣除|除)[^()]{0,6}个[人账]*账户")
ACCOUNT_ONLY = re.compile(r"^(?!.*统筹).*个[人账]*账户")
POOL_ONLY = re.compile(r"^(?!.*账户).*统筹(基金|收|支|结|$)")
YEAR_BEFORE = re.compile(
    r"(上|去|上一)年(?!度?(末|终|底|累计结|滚存|结|余额))|同期数?([()]|$)|上[期月季](?!度?(末|终|底|累计结|滚存|结|余额))"
)
OTHER_YEARS = re.compile(r"历年|历史累计|(?:19|20)\d{2}年?[-—–~至到](?:19|20)\d{2}年?")
WITH_BALANCE = re.compile(r"含[^()]{0,5}(结余|结转|结存|余额)|净[收支]")
NOT_ENROLLED = re.compile(
    r"新增|死亡|[停断退]保|暂停|中断|终止|应(参|保)|未参保|户籍|常住|(?<!参保)(人口|缴费人数)|人月|净增|扩面|任务|完成"
)
NO_HEADS = re.compile(r"户数|家数|单位数|机构数|[(](户|家|个|所)[)]")
OF_MONTH = re.compile(r"本月|当月")
ONE_MONTH = re.compile(
    r"(?<![\d\-—–~至到])\d{1,2}月(?!份?[-—–~至到末底止\d])"
    r"|(?<![前至到\-—–~])[二三四2-4]个?季度(?![末底止])"
)
WHOLE_YEAR = re.compile(r"全年(?!.{0,2}(预算|计划|目标))")
UP_TO = re.compile(r"截[至止]|累计(?!结|滚)|年初至")
CUMULATED = re.compile(r"累计(?!结|滚)|年初至今")
BRACKETS = re.compile(r"\([^()]*\)")
NOTE = re.compile(r"^(注|备注|说明|附注)")
SHORT = 13
MONTHS = 12
BARE_YEAR = re.compile(r"^(?:19|20)\d{2}$")
YEAR_AT_END = re.compile(r"\D[(]?((?:19|20)\d{2})[)]?$")


@dataclass(frozen=True)
class Headings:
    """The texts above the data of a grid, and its notes but for those of ``skipped`` rows."""

    grid: Grid
    first_row: int
    skipped: frozenset[int] = frozenset()

    @cached_property
    def _lines(self) -> list[int]:
        """Rows of titles: one text, above the first row that heads columns, or a remark on units."""
        lines, is_above = [], True
        for row in range(1, self._end):
            texts = [text for text in self.grid.rows[row - 1] if text.strip() and not _is_unit_line(text)]
            is_title = len(texts) < 2 or (len(texts) == 2 and _names_a_period(self.grid.at(row, 1)))
            is_above = is_above and is_title
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
        """Texts that hold for the whole sheet: above the data, and notes on units and plans below them."""
        return self.above + self.notes

    @cached_property
    def notes(self) -> list[str]:
        """Notes below that say a unit, or that the figures are planned; one that is skipped says nothing."""
        below = [
            [text for text in self.grid.rows[row - 1] if text.strip()]
            for row in range(self._end, len(self.grid.rows) + 1)
            if row not in self.skipped
        ]
        alone = [texts[0] for texts in below if len(texts) == 1 and not is_number(texts[0])]
        return [text for text in alone if units_said(text) or PLANNED_NOTE.search(plain_text(text))]

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
        top, left = self._merged_from.get((row, column), (row, column))
        text = self.grid.at(top, left).strip()
        return "" if _is_unit_line(text) else text

    @cached_property
    def _merged_from(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Of the cells above the data that a merged one covers, its first: that one's text is theirs."""
        return {
            (row, column): first
            for first, (bottom, right) in self.grid.merged.items()
            for row in range(first[0], min(bottom, self._end - 1) + 1)
            for column in range(first[1], right + 1)
        }


def units_said(text: str) -> set[str]:
    """The units that a title, a header or a label names."""
    text = text.translate(OTHER_BRACKETS)
    key = plain_text(text)
    english = re.sub(r"10,000", "10000", unicodedata.normalize("NFKC", text).lower())
    found = {unit for pattern, unit in ENGLISH_SCALES if pattern.search(english)}
    for whole in (key, re.sub(r"\s+", "、", unicodedata.normalize("NFKC", text))):
        for said in whole.split("单位")[1:]:
            found |= {
                token.lstrip("为是系").removeprefix("人民币").removeprefix("RMB").removeprefix("CNY")
                for token in TOKENS.split(said)
            }
    for said in re.findall(r"\(([^()]*)\)", key):
        found |= set(TOKENS.split(said))
    for said in [*re.findall(r"\(([^()]*)\)", english), *english.split("unit")[1:]]:
        found |= {ENGLISH.get(re.sub(r"\s+", "", token), "") for token in re.split(r"[,;:/()]", said)}
    found |= {SCALE_WORDS.get(each, "") for each in found}
    found |= set(UNIT_OF_ALL.findall(key)) | ({"元"} if AMOUNT_ENDS.search(key) else set())
    found.add(TOKENS.split(key)[-1])
    found.add(text.split()[-1] if len(text.split()) > 1 else "")
    found |= set(UNIT_ENDS.findall(key))
    return {unit for unit in found if unit in UNITS and not unit.isascii()}


def figures_said(text: str, *, is_label: bool = False, is_title: bool = False) -> str | None:
    """``budget`` or ``actual`` where a text says one, ``unclear`` where both; the expected is no actual."""
    key = plain_text(text)
    if is_title and PLAN_AND_DONE.search(key):
        return "unclear"
    if EXPECTED.search(key):
        return "budget"
    if (DONE_LABEL if is_label else DONE).search(key):
        return "actual"
    return "budget" if (PLANNED_TITLE if is_title else PLANNED).search(key) else None


def wrong_unit(unit: str, levels: list[list[str]], notes: list[str]) -> Text | None:
    """What is wrong with ``unit`` by the nearest text that names one of its kind, and by any note below."""
    kind, factor = UNITS[unit]
    foreign = next((text for level in levels for text in level if CURRENCIES.search(plain_text(text))), None)
    if kind == "yuan" and foreign is not None:
        shown = " ".join(foreign.split())
        return Text(
            f"表上写着“{shown}”，不是人民币；外币的表不装载",
            f"the table says '{shown}', which is no Chinese money; tables in foreign money are not loaded",
        )
    for level in levels:
        said = {each for text in level for each in units_said(text) if UNITS[each][0] == kind}
        if not said:
            continue
        if any(UNITS[each][1] == factor for each in said):
            break
        return _other_unit(said, unit)
    for note in notes:
        said = {each for each in units_said(note) if UNITS[each][0] == kind}
        if said and not AVERAGES.search(note) and all(UNITS[each][1] != factor for each in said):
            return _other_unit(said, unit)
    return None


def _other_unit(said: set[str], unit: str) -> Text:
    listed = "、".join(sorted(said))
    return Text(
        f"表上写的单位是{listed}，模板说是{unit}；请核对，按表上的单位改模板的 unit",
        f"the table says {listed}, the template says {unit}; make unit of the template what the table says",
    )


def wrong_figures(figures: str, label: str, levels: list[list[str]]) -> Text | None:
    """What is wrong with ``figures`` (actual or budget) by the nearest text that says one."""
    *near, titles = levels
    said = [(label, figures_said(label, is_label=True))]
    said += [(text, figures_said(text)) for level in near for text in level]
    said += [(text, figures_said(text, is_title=True)) for text in titles]
    for text, found in said:
        if found is None:
            continue
        if found == figures:
            return None
        shown = " ".join(text.split())
        if found == "unclear":
            return Text(
                f"表上写着“{shown}”，说不清是预算数还是执行数；请向来源核实，改正标题",
                f"the table says '{shown}', budget and actual at once; ask the source and correct the title",
            )
        names = {"actual": Text("实际数", "actual figures"), "budget": Text("预算数", "budget figures")}
        return Text(
            f"表上写着“{shown}”，模板却说是{names[figures].zh}；请写 figures: {found}，或改读另一列",
            f"the table says '{shown}', the template says {names[figures].en}; say figures: {found}, "
            "or read another column",
        )
    return None


def wrong_rows_above(
    row: Dims, has_own_period: bool, item: str, scheme: str, period: Span, texts: list[str]
) -> Text | None:
    """What rows without numbers say of the rows below them that contradicts the template (生育保险, 上年同期)."""
    keys = [(text, label_key(text)) for text in texts if not NOTE.match(label_key(text))]
    for said in _contradictions_of_rows(row, has_own_period, item, scheme, period, keys):
        text, zh, en = said
        shown = " ".join(text.split())
        return Text(
            f"其上写着“{shown}”，{zh}；请写进模板的 sections，或在 rows 中对“{shown}”写 skip: 理由",
            f"'{shown}' stands above, {en}; put it under sections of the template, or say skip: reason for it "
            "under rows",
        )
    return None


def names_scheme_or_item(text: str) -> bool:
    """Whether a text names a scheme or an item, as the heading of a section does."""
    key = label_key(text)
    words = (*SCHEME_WORDS[:-1], *ITEM_WORDS)
    return bool(first_of(words, key) or OTHER_SCHEMES.search(key))


def wrong_scope(item: str, scope: str, texts: list[str]) -> Text | None:
    """What is wrong with the fund scope of an amount by the nearest text that names one."""
    if "." in item or scope not in ("total", "pool", "account"):
        return None
    for text in texts:
        key = label_key(text)
        if WITH_ACCOUNT.search(key):
            said: str | None = scope if scope in ("total", "account") else "total"
        elif WITHOUT_ACCOUNT.search(key):
            said = "pool"
        else:
            said = "account" if ACCOUNT_ONLY.search(key) else "pool" if POOL_ONLY.search(key) else None
        if said == scope:
            return None
        if said is not None:
            shown = " ".join(text.split())
            return Text(
                f"表上写着“{shown}”，模板的口径却是 {scope}；请写 fund_scope: {said}，或改读另一列",
                f"the table says '{shown}', the fund scope of the template is {scope}; say fund_scope: {said}, or "
                "read another column",
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
        is_cut = WITHOUT.search(key) or key.startswith("其中")
        is_whole = _is_whole(item) and not own.of_which and own.item is not None
        if CHANGES.search(key) or AVERAGES.search(key) or (is_whole and is_cut):
            yield header, f"不是{item}本身", f"no {item} itself"
        if kind_of(item) == "yuan" and HEADS.search(key) and not AMOUNTS.search(key):
            yield header, "是人数，不是金额", "heads, not an amount"
        if own.item is not None and kind_of(item) == "persons" and NO_HEADS.search(key):
            yield header, "不是人数", "no heads"
        if own.item is not None and item.startswith("enrolled") and NOT_ENROLLED.search(key):
            yield header, f"不是{item}本身", f"no {item} itself"
        if own.item in ("income", "expenditure") and WITH_BALANCE.search(key):
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
            is_other_part = _parts_of_enrolled(key) and guess != item and item in ENROLLED
            if (
                _family(guess) != _family(item)
                or is_other_part
                or (is_part and not is_said_part and _is_whole(item))
            ):
                yield header, f"模板却读作 {item}", f"the template reads it as {item}"
            break
    for header, key in keys:
        schemes = {code for pattern, code in SCHEME_WORDS[:-1] if re.search(pattern, key)}
        if not schemes:
            continue
        is_checked = scheme != "all" or own.scheme is None
        if len(schemes) == 1 and is_checked and not schemes & _alike(scheme):
            yield header, f"模板却读作 {scheme}", f"the template reads it as {scheme}"
        break
    if own.region not in (None, FROM_LABEL):
        meant = shipped_regions().get(label_key(own.region or ""))
        for header, key in keys:
            found_region = shipped_regions().get(key)
            if meant and found_region and found_region != meant:
                yield header, f"模板却读作{meant.name}", f"the template reads it as {meant.name}"
    yield from _contradictions_of_period(own.period is not None, item, period, keys)


def _contradictions_of_rows(
    row: Dims, has_own_period: bool, item: str, scheme: str, period: Span, keys: list[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    for text, key in keys if row.scheme is None and scheme != "all" else ():
        schemes = {code for pattern, code in SCHEME_WORDS[:-1] if re.search(pattern, key)}
        if OTHER_SCHEMES.search(key) or (schemes and not schemes & _alike(scheme)):
            yield text, f"模板却读作 {scheme}", f"the template reads it as {scheme}"
        if schemes:
            break
    for text, key in keys if row.item is None else ():
        guess = first_of(ITEM_WORDS, BRACKETS.sub("", key) or key) if len(key) < SHORT else None
        if guess is not None and _family(guess) != _family(item):
            yield text, f"模板却读作 {item}", f"the template reads it as {item}"
        if guess is not None:
            break
    said_period = [
        (text, key)
        for text, key in keys
        if YEAR_BEFORE.search(key) or years_named(key) or last_months_named(key) or BARE_YEAR.match(key)
    ]
    yield from _contradictions_of_period(has_own_period, item, period, said_period[:1])


def _contradictions_of_period(
    has_own_period: bool, item: str, period: Span, keys: list[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    end = period.end
    for header, key in keys:
        if not has_own_period and YEAR_BEFORE.search(key):
            yield header, "是上年的数", "figures of the year before"
        if (
            OTHER_YEARS.search(key)
            and not is_stock(item)
            and item != "opening_balance"
            and not has_own_period
        ):
            yield header, "是几年的数", "figures of several years"
        found = _year_of(key)
        if found == end.year - 1 and item == "opening_balance":
            continue
        if found is not None and found != end.year:
            yield header, f"模板却读作 {end.year} 年", f"the template reads it as {end.year}"
    if item == "opening_balance":
        return
    for header, key in keys:
        months = last_months_named(key)
        if months and end.month not in months:
            yield header, f"模板却读到 {end}", f"the template reads it up to {end}"
        if WHOLE_YEAR.search(key) and end.month < MONTHS:
            yield header, f"模板却读到 {end}", f"the template reads it up to {end}"
    if is_stock(item):
        return
    for header, key in keys:
        is_one = OF_MONTH.search(key) or (ONE_MONTH.search(key) and end.month > 1 and not UP_TO.search(key))
        if is_one and not CUMULATED.search(key) and period.basis in ("ytd", "year", "t12"):
            yield header, "模板却读作累计数（basis）", "the template reads it as cumulated (basis)"
        is_from_january = (
            says_from_january(f"{end.year}年{key}") and end.month > 1 and period.basis == "month"
        )
        is_cumulated = (CUMULATED.search(key) or is_from_january) and not OF_MONTH.search(key)
        if is_cumulated and period.basis in ("month", "quarter"):
            yield (
                header,
                "模板却读作当月或当季数（basis）",
                "the template reads it as one month or quarter (basis)",
            )


def _year_of(key: str) -> int | None:
    if BARE_YEAR.match(key):
        return int(key)
    if not re.search(r"(?:19|20)\d{2}年", key):
        at_end = YEAR_AT_END.search(key)
        return int(at_end[1]) if at_end else None
    try:
        found = parse_period(key)
    except ValueError:
        return None
    return found[1].year if found else None


def _names_a_period(text: str) -> bool:
    return len(label_key(text)) > SHORT / 2 and bool(years_named(text) or last_months_named(text))


def _is_whole(item: str) -> bool:
    return item in ("income", "expenditure", "enrolled_persons", "closing_balance")


ENROLLED = ("enrolled_persons", "enrolled_active", "enrolled_retired")


def _parts_of_enrolled(key: str) -> bool:
    """Whether a header speaks of those who work or of the retired, not of both."""
    plain = BRACKETS.sub("", key) or key
    return ("在职" in plain) != ("退休" in plain)


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
