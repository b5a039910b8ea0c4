"""Words for codes, from the release itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from dashboards.services.records import fetch


@dataclass(frozen=True)
class _Code:
    code_set: str
    code: str
    name: str


@dataclass(frozen=True)
class Words:
    """The code sets of a release in one language."""

    names: Mapping[tuple[str, str], str]

    def of(self, code_set: str, code: str) -> str:
        """The word for ``code``; the code itself where the release does not know it."""
        return self.names.get((code_set, code), code)

    def flags(self, quality_flag: str, separator: str = "；") -> str:
        """The words for semicolon-separated quality flags."""
        return separator.join(self.of("quality_flag", flag) for flag in quality_flag.split(";"))


def load_words(connection: duckdb.DuckDBPyConnection, lang: str) -> Words:
    """All code sets of the release in ``lang``."""
    codes = fetch(connection, "code_words", _Code, lang)
    return Words({(code.code_set, code.code): code.name for code in codes})
