"""Code sets as ingest needs them: which codes are known, and what a miswritten value probably means."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from opencc import OpenCC

from warehouse.feeds.contract import ContractColumn
from warehouse.ingest.spelling import INVISIBLE, bare
from warehouse.settings import SEEDS

CODE_SEED = SEEDS / "reference" / "feed_code.csv"
REGION_SEED = SEEDS / "reference" / "region.csv"
ALIAS_SEED = SEEDS / "reference" / "region_alias.csv"
REGION_SET = "admdvs"
WITHOUT_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))
MONTH = re.compile(r"(\d{4})(?:[-/.年]?)(\d{1,2})月?(?:\.0+)?")
WHOLE_NUMBER = re.compile(r"(\d+)\.0+")
CODE_AND_NAME = re.compile(r"([0-9A-Za-z]+)[-_:|、.,()\s]*(\D.*?)\)?")
NO_AND_YES = {"否": ("N", "NO", "F", "FALSE"), "是": ("Y", "YES", "T", "TRUE")}


@cache
def known_codes(code_set: str) -> frozenset[str]:
    """The codes of a set; of the set of regions, those of the region seed."""
    if code_set == REGION_SET:
        return frozenset(row["region_code"] for row in _rows(REGION_SEED))
    return frozenset(row["code"] for row in _rows(CODE_SEED) if row["code_set"] == code_set)


@cache
def expired_codes(code_set: str) -> Mapping[str, str]:
    """Codes that are no longer valid, with their last day (ISO date)."""
    if code_set == REGION_SET:
        return {}
    return {
        row["code"]: row["valid_to"]
        for row in _rows(CODE_SEED)
        if row["code_set"] == code_set and row["valid_to"]
    }


@cache
def _codes_by_name(code_set: str) -> Mapping[str, str]:
    """The codes of a set by their Chinese names, where one name is one code; of a set of yes and no also Y and N."""
    names: dict[str, list[str]] = {}
    for row in _rows(CODE_SEED):
        if row["code_set"] == code_set and row["code"] != row["name_zh"]:
            names.setdefault(_plain_name(row["name_zh"]), []).append(row["code"])
    found = {name: codes[0] for name, codes in names.items() if len(codes) == 1}
    if set(found) == set(NO_AND_YES):
        found |= {word: found[name] for name, words in NO_AND_YES.items() for word in words}
    return found


def _plain_name(text: str) -> str:
    return "".join(_simplified(unicodedata.normalize("NFKC", text)).split())


def allowed(column: ContractColumn) -> frozenset[str]:
    """What a coded column may hold: the contract's own closed set, else the dictionary's codes."""
    if column.codes:
        return frozenset(column.codes)
    return known_codes(column.code_set) if column.code_set else frozenset()


def repairs(column: ContractColumn, values: Iterable[str]) -> dict[str, str]:
    """For values outside the set: the code that is meant, where that is certain (Q03, Q10, Q11, Q18)."""
    codes = allowed(column)
    found = {}
    if column.is_month:
        return {value: month for value in values if (month := _month(value)) and month != value}
    for value in values:
        if value not in codes:
            code = _meant(value, codes, column.code_set)
            if code:
                found[value] = code
    return found


def _month(value: str) -> str | None:
    plain = bare("".join(unicodedata.normalize("NFKC", value).translate(WITHOUT_INVISIBLE).split()))
    written = MONTH.fullmatch(plain)
    return f"{written[1]}{int(written[2]):02d}" if written and 1 <= int(written[2]) <= 12 else None


def _meant(value: str, codes: frozenset[str], code_set: str | None) -> str | None:
    plain = bare(unicodedata.normalize("NFKC", value).translate(WITHOUT_INVISIBLE).strip())
    whole = WHOLE_NUMBER.fullmatch(plain)
    plain = whole[1] if whole else plain
    for candidate in (plain, plain.upper(), plain.lower()):
        if candidate in codes:
            return candidate
    if plain.isdigit():
        padded = {code for code in codes if len(code) > len(plain) and code == plain.zfill(len(code))}
        if len(padded) == 1:
            return padded.pop()
    if code_set == REGION_SET:
        return _region_of("".join(plain.split())) or None
    return _named(plain, codes, code_set) if code_set else None


def _named(plain: str, codes: frozenset[str], code_set: str) -> str | None:
    """The code whose name is written in its place (有效), or beside it (1-有效, 310职工基本医疗保险)."""
    names = _codes_by_name(code_set)
    name = _plain_name(plain)
    code = names.get(name) or names.get(name.upper())
    both = CODE_AND_NAME.fullmatch(name)
    if code is None and both is not None and names.get(both[2]) == both[1]:
        code = both[1]
    return code if code in codes else None


def _region_of(name: str) -> str:
    aliases = _region_aliases()
    return aliases.get(name) or aliases.get(_simplified(name), "")


@cache
def _region_aliases() -> Mapping[str, str]:
    names = {}
    for row in _rows(REGION_SEED):
        names[row["region_name"]] = row["region_code"]
        names.setdefault(row["short_name"], row["region_code"])
    if ALIAS_SEED.exists():
        names |= {row["alias"]: row["region_code"] for row in _rows(ALIAS_SEED)}
    return names


def _simplified(text: str) -> str:
    return str(_converter().convert(text))


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _rows(seed: object) -> tuple[dict[str, str], ...]:
    with open(str(seed), encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))
