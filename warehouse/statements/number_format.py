"""What a workbook shows of a number: the decimals its format fixes, a unit it writes behind, a scale it hides.

A format may show 41203600 as 4120.36 (``0!.0000``, ``0.00,``), 0.534 as 53.4% or 5 as 5万: what is stored is
then not what the reader sees. Such a format is named, and both readings are kept.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from warehouse.statements.texts import NOTE_DIGITS
from warehouse.statements.vocabulary import UNITS

TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]|(?P<digit>[0#?])'
    r"|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<power>[eE][+-])|(?P<other>.)",
    re.DOTALL,
)
SECTION_END = re.compile(r'("[^"]*"|[\\!_*].|\[[^\]]*\]|[^;"\\!_*\[])*', re.DOTALL)
HARMLESS = re.compile(rf"[\s¥￥()（）+{NOTE_DIGITS}*†‡§※]|RMB|CNY|人民币")
CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[\d.]+)\]")
CONDITIONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
MINUS = re.compile(r"[-−(（△▲]|\[(Red|红色|Color\s*\d+)\]", re.IGNORECASE)
GENERAL_FORM = re.compile(r"[ymdhs]", re.IGNORECASE)  # a date or a time is no masked number
GENERAL = re.compile("general|G/通用格式", re.IGNORECASE)
UNSEEN = re.compile(r"\[(White|白色|Color\s*2)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Shown:
    """The text that is shown; ``scaling`` is the format where it makes another number of the stored one."""

    text: str
    scaling: str | None = None


def stored_text(value: float) -> str:
    """The stored number as a spreadsheet writes it: 15 digits at most, whole numbers without decimals."""
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.15g}"


def shown_number(value: float, code: str) -> Shown:
    """What the format ``code`` shows of ``value``."""
    section, has_own_sign = _section(code, value)
    if section == "" and ";" in code:
        return Shown("", code)
    if GENERAL.search(section):
        section = GENERAL.sub("0", section)
        decimals: int | None = None
    else:
        decimals = 0
    parts = [(token.lastgroup, token) for token in TOKEN.finditer(section)]
    kinds = [kind for kind, _ in parts]
    if "digit" not in kinds and GENERAL_FORM.search(section) is None and "@" not in section and section:
        return Shown("".join(token["quoted"] or token["other"] or "" for _, token in parts).strip(), code)
    if "digit" not in kinds or (set(section) & set("/@") and "quoted" not in kinds):
        is_fraction = "digit" in kinds and "/" in section
        return Shown(stored_text(value), code if is_fraction else None)
    if "power" in kinds:
        return _with_power(value, section, kinds, code)
    last_digit = max(place for place, kind in enumerate(kinds) if kind == "digit")
    first_digit = kinds.index("digit")
    literals = [
        (place, token["quoted"] or token["escaped"] or token["other"] or _currency(token["bracket"]))
        for place, (_, token) in enumerate(parts)
    ]
    inner_points = [place for place, text in literals if text == "." and first_digit < place < last_digit]
    before = "".join(text for place, text in literals if text and place < first_digit)
    behind = "".join(text for place, text in literals if text and place > last_digit).strip(" )）")
    thousands = sum(kind == "comma" and _scales(kinds, place) for place, kind in enumerate(kinds))
    percents = kinds.count("percent")
    number = Decimal(f"{value:.15g}") / 1000**thousands * 100**percents
    if "point" in kinds:
        point = kinds.index("point")
        digits = [token["digit"] for kind, token in parts[point:] if kind == "digit"]
        text = _rounded(number, len(digits), digits.count("0"))
    elif inner_points:
        implied = kinds[inner_points[0] :].count("digit")
        text = _rounded(number.quantize(Decimal(1), ROUND_HALF_UP).scaleb(-implied), implied, implied)
    elif decimals is None:
        text = stored_text(value)
    else:
        text = _rounded(number, decimals, decimals)
    if has_own_sign and any(text == "(" for _, text in literals):
        text = text if text.startswith("-") else f"-{text}"
    unit = behind if behind in UNITS else ""
    sign = "-−" if has_own_sign else ""
    words = HARMLESS.sub("", before).strip(sign), HARMLESS.sub("", behind)
    is_negative_in_looks = not has_own_sign and any(each == "(" for _, each in literals)
    is_scaled = bool(
        thousands
        or percents
        or inner_points
        or words[0]
        or (words[1] and not unit)
        or is_negative_in_looks
        or UNSEEN.search(section)
    )
    suffix = "%" * percents + (behind if unit or words[1] else "")
    text = before + text if words[0] else text
    if has_own_sign and not MINUS.search(section):
        return Shown(text.lstrip("-") + suffix, code)
    return Shown(text + suffix, code if is_scaled else None)


def _with_power(value: float, section: str, kinds: list[str | None], code: str) -> Shown:
    """A number shown with a power of ten: another one where that shows fewer digits than are stored."""
    decimals = kinds[: kinds.index("power")].count("digit") - 1
    text = f"{value:.{max(decimals, 0)}E}"
    is_whole = Decimal(text) == Decimal(stored_text(value)) and not UNSEEN.search(section)
    return Shown(stored_text(value)) if is_whole else Shown(text, code)


def _section(code: str, value: float) -> tuple[str, bool]:
    """The part of the format for this number's sign, and whether it is one for negative numbers alone."""
    sections = []
    rest = code
    while True:
        found = SECTION_END.match(rest)
        assert found is not None, "an empty text fits"
        sections.append(found[0])
        if not rest[found.end() :].startswith(";"):
            break
        rest = rest[found.end() + 1 :]
    if any(CONDITION.search(section) for section in sections):
        return next((section for section in sections if _holds(section, value)), sections[-1]), False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


def _holds(section: str, value: float) -> bool:
    found = CONDITION.search(section)
    return found is None or CONDITIONS[found[1]](value, float(found[2]))


def _scales(kinds: list[str | None], place: int) -> bool:
    """A comma divides by a thousand where no digit of the whole part follows it."""
    for kind in kinds[place + 1 :]:
        if kind == "digit":
            return False
        if kind == "point":
            return True
    return True


def _currency(bracket: str | None) -> str:
    return bracket[1:].split("-")[0] if bracket and bracket.startswith("$") else ""


def _rounded(number: Decimal, most: int, least: int) -> str:
    text = f"{number.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP):f}"
    while most > least and text.endswith("0"):
        text, most = text[:-1], most - 1
    return text.rstrip(".") if most == 0 else text
