"""Texts of printed tables made comparable, and printed numbers made numbers (Q03–Q18 of the sources).

Only keys are normalised (width, script, blanks, numbering); the printed text itself is kept.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from functools import cache

from opencc import OpenCC

NO_VALUE = re.compile(r"[-—–―−─]+|/+|\.{3,}|无|無|不[适適]用")
ZERO_WIDTH = dict.fromkeys(map(ord, "​‌‍﻿⁠"))
NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十\d]+[)）]|\d+[、.．](?!\d))"
)
THOUSANDS = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")
PLAIN = re.compile(r"^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$", re.IGNORECASE)


class NotANumber(ValueError):
    """A cell that should hold a number holds something else."""


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def label_key(text: str) -> str:
    """The comparable form of a label: simplified, half-width, without blanks and numbering."""
    plain = unicodedata.normalize("NFKC", text).translate(ZERO_WIDTH)
    plain = re.sub(r"\s+", "", _to_simplified().convert(plain))
    return NUMBERING.sub("", plain)


def label_matches(pattern: str, text: str) -> bool:
    """Whether ``text`` is the label that ``pattern`` names; ``*`` in a pattern stands for anything."""
    wanted = label_key(pattern).replace("[", "[[]")
    return fnmatchcase(label_key(text), wanted)


def parse_number(text: str) -> Decimal | None:
    """The number a cell prints; None for a dash, which says that there is no value (never 0).

    Understands full-width digits, blanks, thousand separators, a currency sign, parentheses for a
    negative number and scientific notation. Raises ``NotANumber`` for anything else.
    """
    plain = unicodedata.normalize("NFKC", text).translate(ZERO_WIDTH)
    plain = re.sub(r"\s+", "", plain)
    if plain == "" or NO_VALUE.fullmatch(plain):
        return None
    plain = plain.lstrip("¥￥").replace("−", "-").removeprefix("+")
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    if THOUSANDS.match(plain):
        plain = plain.replace(",", "")
    if not PLAIN.match(plain):
        raise NotANumber(text)
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise NotANumber(text) from error
