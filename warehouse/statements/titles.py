"""What the title of a table says outright against the template: another place, year, insurance, or kind of table."""

from __future__ import annotations

import re
from functools import cache

from warehouse.statements.periods import Span, last_months_named, years_named
from warehouse.statements.template import Region, Template, shipped_regions
from warehouse.statements.texts import label_key, plain_text
from warehouse.statements.vocabulary import SCHEME_WORDS
from warehouse.texts import Refused, Text

YEAR_BEFORE = re.compile(r"\((上|去)年(同期)?\)")
OTHER_SCHEMES = re.compile(r"公务员|离休|养老|工伤|失业")
OURS = re.compile(r"医疗|医保|生育|社会保险|社保|护理")
NO_AMOUNTS = re.compile(
    r"(增长率|增减率|增幅|增速|占比|比重|比例|百分比|完成率)(情况)?(统计|分析)?表?$|[人次户]均.{0,12}表?$"
)
OF_ALL_SCHEMES = re.compile(
    r"(?<!职工)(?<!居民)基本医疗|(?<!职工)(?<!居民)(?<!基本)(医疗保险|医疗保障|医保)|社会保险|社保"
)
OF_ONE_MONTH = re.compile(r"[本当]月(?!.*累计)")
EXPECTED = re.compile(r"快报|初步|预计")
FINAL = re.compile(r"决算|终审")
BEFORE_A_TITLE = re.compile(
    r"^((附件|附表|表)[\d一二三四五六七八九十]*[-—.\d]*[:、.]?|20\d{2}年(度|\d{1,2}[-—–~至到]\d{1,2}月份?|\d{1,2}月份?)?)+"
)
PLACE = re.compile(r"^([一-龥]{1,9}?(?:自治区|自治州|自治县|省|市|县|区|旗|盟|州))(?![级场直区县])(本级)?")
NO_PLACE = re.compile(
    r"医|保|险|基金|居民|职工|参|统筹|社会|收支|各|等|分|按|某|[社地市辖片县城灾学]区|市县|[一二三四五六七八九十\d]个"
)
WHOLE = re.compile(r"^[全我本]([省市县区州旗])(?!级)")
OFFICE = re.compile(r"(局|厅|委|中心|部)$|^(编制|填报|制表|填表|报送|发布)")
LEVELS = "省市县区州旗"
AFTER_SHORT_NAME = r"\d|年|医|基[金本]|职工|居民|城[乡镇]|社会|参保"


def refuse_other_table(template: Template, region: Region, titles: list[str], name: str) -> None:
    """Refuse a table whose title says that it is another one than the template reads."""
    for title in titles:
        wrong = _wrong_kind(template, plain_text(title)) or _wrong_place(region, title)
        if wrong is not None:
            shown = " ".join(title.split())
            raise Refused(
                f"{name}：标题是“{shown}”，{wrong.zh}；请核对文件与模板，或改正标题。",
                f"{name}: the title is '{shown}', {wrong.en}; look at file and template, or correct the title.",
            )


def _wrong_kind(template: Template, key: str) -> Text | None:
    if YEAR_BEFORE.search(key) or (OTHER_SCHEMES.search(key) and not OURS.search(key)):
        return Text("说的是上年或别的保险", "of the year before or of another insurance")
    if NO_AMOUNTS.search(key):
        return Text("说的是比率或平均数，不是金额与人数", "of rates or averages, not of amounts and heads")
    if template.report_status == "final" and EXPECTED.search(key):
        return Text(
            "说的是快报或预计数，模板却写 report_status: final",
            "preliminary, while the template says report_status: final",
        )
    if template.report_status == "preliminary" and FINAL.search(key):
        return Text(
            "说的是决算数，模板却写 report_status: preliminary",
            "final accounts, while the template says report_status: preliminary",
        )
    return None


def _wrong_place(region: Region, title: str) -> Text | None:
    """A title that begins with the name of a place: the template's, one above it, or another one's table."""
    key = BEFORE_A_TITLE.sub("", label_key(title))
    own = label_key(region.name)
    if OFFICE.search(key) or own in key:
        named = PLACE.match(key)
        is_own_level = named is not None and named[1] == own and named[2] is not None
        return _of_its_own_level(own) if is_own_level and not OFFICE.search(key) else None
    whole = WHOLE.match(key)
    if whole is not None:
        is_other = own[-1:] in LEVELS and own[-1] != whole[1] and not own.endswith("自治" + whole[1])
        return _elsewhere(whole[0], region) if is_other else None
    found = PLACE.match(key)
    known = next((each for each in _known_names() if _begins(key, each)), None)
    if known is not None and shipped_regions()[known].key != region.key:
        return _elsewhere(shipped_regions()[known].name, region)
    if known is None and found is not None and not NO_PLACE.search(found[1]) and found[1] not in own:
        return _elsewhere(found[1], region)
    return None


def _elsewhere(place: str, region: Region) -> Text:
    return Text(
        f"说的是{place}，模板读作{region.name}",
        f"of {place}, while the template reads it as {region.name}",
    )


def _of_its_own_level(own: str) -> Text:
    return Text(
        f"说的是{own}本级，不是全部，模板却读作{own}",
        f"of the own unit of {own} alone, while the template reads it as {own}",
    )


def _begins(key: str, place: str) -> bool:
    """Whether a title begins with a place; a short name stands before a year or what the table is of."""
    rest = key[len(place) :]
    return key.startswith(place) and (place[-1] in LEVELS or re.match(AFTER_SHORT_NAME, rest) is not None)


@cache
def _known_names() -> tuple[str, ...]:
    """Names, short names and aliases of the project's regions, the longest first."""
    return tuple(sorted(shipped_regions(), key=len, reverse=True))


def refuse_other_period(
    template: Template, found: tuple[int, int, bool], said: str, text: str, name: str
) -> None:
    """The months and the year that a title names are those of the period; a whole year names no other part.

    ``found`` is the period's year, its last month, and whether it is the whole year.
    """
    year, month, is_whole_year = found
    months, years = last_months_named(said), years_named(said)
    is_other = bool(months) and (month not in months or (is_whole_year and months != {12}))
    if is_other or (years and year not in years):
        shown = " ".join(said.split())
        raise Refused(
            f"{name}：模板 {template.template} 从“{' '.join(text.split())}”读出的时期到 {year} 年 {month} 月为止，"
            f"“{shown}”说的却是另一时期；请核对，在模板写 period.pattern，或写 period.end 并在 period.note 写明理由。",
            f"{name}: the template {template.template} reads a period up to {year}-{month:02} from "
            f"'{' '.join(text.split())}', but '{shown}' names another one; say period.pattern, or period.end with the "
            "reason in period.note.",
        )


def wrong_title_of_cell(scheme: str, period: Span, near: list[str], titles: list[str]) -> Text | None:
    """What a title says of every cell that nothing nearer says otherwise: one insurance, one month."""
    if scheme != "all" and not any(_schemes(text) for text in near):
        alike = {scheme} | ({"resident"} if scheme in ("urban_resident", "ncms") else set())
        for title in titles:
            said = _schemes(title)
            if len(said) == 1 and not said & alike:
                return _contradicts(title, f"模板却读作 {scheme}", f"the template reads it as {scheme}")
    for title in titles:
        if period.basis in ("ytd", "year", "t12") and OF_ONE_MONTH.search(plain_text(title)):
            return _contradicts(
                title, "模板却读作累计数（basis）", "the template reads it as cumulated (basis)"
            )
    return None


def _contradicts(title: str, zh: str, en: str) -> Text:
    shown = " ".join(title.split())
    return Text(f"标题是“{shown}”，{zh}；请核对模板", f"the title is '{shown}', {en}; look at the template")


def _schemes(text: str) -> set[str]:
    key = label_key(text)
    found = {code for pattern, code in SCHEME_WORDS[:-1] if re.search(pattern, key)}
    return found | ({"all"} if OF_ALL_SCHEMES.search(key) else set())
