"""Sentences for people: Chinese first, English by ``YIBAO_LANG=en``."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

# what a terminal or a page obeys and what turns the direction of the text around it: never part of a name
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Text(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if language() == "en" else self.zh


def shown(text: str, longest: int | None = None) -> str:
    """A name or value of others as it can be shown: control characters by their codes, cut where it is too long."""
    if longest is not None and len(text) > longest:
        text = f"{text[:longest]}…"
    return STEERING.sub(lambda found: found.group().encode("unicode_escape", "surrogatepass").decode(), text)


def language() -> str:
    """``en`` when ``YIBAO_LANG`` asks for English, else ``zh``."""
    return "en" if os.environ.get("YIBAO_LANG", "zh").lower().startswith("en") else "zh"


class Refused(Exception):
    """Input or a request that cannot be taken; its text says what, where and what to do.

    Nothing has been changed when this is raised.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.text = Text(zh, en)

    def __str__(self) -> str:
        return str(self.text)

    def __reduce__(self) -> tuple[type[Refused], tuple[str, str], dict[str, Any]]:
        return type(self), (*self.text,), self.__dict__


class Busy(Refused):
    """Something is held by another process: the same request may succeed later."""
