"""Texts of printed tables made comparable, and printed numbers made numbers (Q03–Q18 of the sources).

Only keys are normalised (width, script, blanks, numbering, marks of notes); the printed text itself is kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from functools import cache

from opencc import OpenCC

from warehouse.statements.vocabulary import UNITS
from warehouse.texts import Text

NO_VALUE = re.compile(r"[-—–―−─]+|/+|\.{2,}|[×✕]+|无|無|不[适適]用")
ZERO_WIDTH = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十\d]+[)）]|\d+[、.．](?!\d))"
)
# Digits that only number a note: circled, in brackets or with a full stop as one character, raised and lowered.
NOTE_DIGITS = "①-⓿❶-➓㉈-㉏㉑-㉟㊀-㊉㊱-㊿㈠-㈩²³¹⁰⁴-⁹₀-₉⁽⁾"
NOTE_MARKS = re.compile(rf"[{NOTE_DIGITS}]+")
MARKS = rf"(?:[{NOTE_DIGITS}]|[*＊†‡§※])"
MARKED = re.compile(rf"^(?P<before>{MARKS}*)(?P<number>.*?)(?P<after>{MARKS}*)$", re.DOTALL)
THOUSANDS = re.compile(r"^\d{1,3}(,\d{3})+(\.\d+)?$")
BLANKS_BETWEEN = re.compile(r"^[1-9]\d{0,2}( \d{3})+(\.\d+)?$")
PLAIN = re.compile(r"^(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$", re.IGNORECASE)
DIGITS_APART = re.compile(r"[\d.]\s+[\d.]")
OWN_UNIT = re.compile(
    rf"({'|'.join(sorted((unit for unit in UNITS if not unit.isascii()), key=len, reverse=True))})$"
)


class NotANumber(ValueError):
    """A cell that should hold a number holds something else; ``reason`` says what, where that is known."""

    def __init__(self, text: str, reason: Text | None = None) -> None:
        super().__init__(text)
        self.reason = reason or Text("不是数字", "is not a number")


@dataclass(frozen=True)
class Printed:
    """A printed number: None for a dash; the unit printed behind it; the mark of a note that was taken off."""

    number: Decimal | None
    unit: str | None = None
    mark: str = ""


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def plain_text(text: str) -> str:
    """Half-width and simplified, without zero-width characters, marks of notes and blanks."""
    plain = unicodedata.normalize("NFKC", NOTE_MARKS.sub("", text)).translate(ZERO_WIDTH)
    return re.sub(r"\s+", "", _to_simplified().convert(plain))


def label_key(text: str) -> str:
    """The comparable form of a label: simplified, half-width, without blanks, marks and numbering."""
    return NUMBERING.sub("", plain_text(text))


def text_key(text: str) -> str:
    """The comparable form of a printed label, also without a mark of a note behind it."""
    return label_key(text).rstrip("*†‡§※")


def label_matches(pattern: str, text: str) -> bool:
    """Whether ``text`` is the label that ``pattern`` names; ``*`` in a pattern stands for anything."""
    wanted = label_key(pattern).replace("[", "[[]")
    return fnmatchcase(text_key(text), wanted)


def read_printed(text: str) -> Printed:
    """The number a cell prints, the unit behind it and the mark of a note at its edge.

    A mark is taken off where it can be nothing else (①, ², *, †); raises ``NotANumber`` otherwise.
    """
    found = MARKED.match(text.strip())
    assert found is not None, "every text fits"
    mark = found["before"] + found["after"]
    number = found["number"].strip()
    if mark and not number:
        raise NotANumber(text)
    own = OWN_UNIT.search(unicodedata.normalize("NFKC", _to_simplified().convert(number)))
    if own is None:
        return Printed(parse_number(number), None, mark)
    value = parse_number(number[: len(number) - len(own[1])])
    if value is None:
        raise NotANumber(text)
    return Printed(value, own[1], mark)


def parse_number(text: str) -> Decimal | None:
    """The number a cell prints; None for a dash, which says that there is no value (never 0).

    Understands full-width digits, thousand separators (a comma or one blank between groups of three),
    a currency sign, parentheses for a negative number and scientific notation. Raises ``NotANumber`` for
    anything else: two numbers in a cell, a percentage, a mark of a note.
    """
    if NOTE_MARKS.search(text):
        raise NotANumber(text)
    if re.search(r"\S\s*[\r\n]\s*\S", text):
        raise NotANumber(
            text,
            Text("不是数字：分作几行，像是几个数", "is not a number: several lines, as several numbers have"),
        )
    plain = re.sub(r"\s", " ", unicodedata.normalize("NFKC", text).translate(ZERO_WIDTH)).strip()
    if plain == "" or NO_VALUE.fullmatch(plain.replace(" ", "")):
        return None
    if plain.endswith(("%", "‰")):
        raise NotANumber(text, Text("不是数字：是百分数", "is not a number: it is a percentage"))
    sign = ""
    if plain.startswith("(") and plain.endswith(")"):
        plain, sign = plain[1:-1].strip(), "-"
    plain = plain.lstrip("¥￥ ")
    if plain[:1] in ("-", "−", "+"):
        if sign:
            raise NotANumber(text)
        sign, plain = ("" if plain[0] == "+" else "-"), plain[1:].lstrip("¥￥ ")
    if THOUSANDS.match(plain):
        plain = plain.replace(",", "")
    elif BLANKS_BETWEEN.match(plain):
        plain = plain.replace(" ", "")
    elif DIGITS_APART.search(plain):
        raise NotANumber(
            text,
            Text("不是数字：中间有空白，像是两个数", "is not a number: a blank inside, as two numbers have"),
        )
    if not PLAIN.match(plain):
        raise NotANumber(text)
    try:
        return Decimal(sign + plain)
    except InvalidOperation as error:
        raise NotANumber(text) from error


def is_number(text: str) -> bool:
    """Whether a cell prints a number, with or without a mark or a unit."""
    try:
        printed = read_printed(text)
    except NotANumber:
        return False
    return printed.number is not None and printed.unit not in ("月", "个月")  # 6月 names a month
