"""Sentences for people: Chinese first, English by ``YIBAO_LANG=en``."""

from __future__ import annotations

import os
from typing import NamedTuple


class Text(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if language() == "en" else self.zh


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


class Busy(Refused):
    """Something is held by another process: the same request may succeed later."""
