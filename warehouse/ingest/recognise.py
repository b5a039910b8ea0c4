"""Which feed a file is, by the names of its columns, and under which name each column stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.texts import Refused

REASON_HEADERS = ("原因", "退回原因", "reason")  # a returned file carries them when it comes back
LINES_LOOKED_AT = 12
LONGEST_VALUE = 2 * 2**20  # as the reader of CSV lets pass on one line
MOST_COLUMNS = 2000  # the widest contract has a twentieth of it
OTHER_SEPARATORS = {"\t": ("制表符", "tabs"), ";": ("分号", "semicolons"), "|": ("竖线", "bars")}


class UnknownHeader(Refused):
    """The header line fits no feed; it may still be a statement. ``rows`` are the first lines, where known."""

    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Layout:
    """A file's columns: the header of each, and the contract column it is (None: not in the contract)."""

    feed: type[Feed]
    headers: tuple[str, ...]
    columns: tuple[str | None, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """A column name for each header, usable in SQL."""
        return tuple(column or f"_unused_{i}" for i, column in enumerate(self.columns))

    @property
    def undelivered(self) -> tuple[str, ...]:
        """Optional columns of the contract that the file does not have."""
        present = set(self.columns)
        return tuple(each.name for each in columns_of(self.feed) if each.name not in present)

    @property
    def unknown(self) -> tuple[int, ...]:
        """Places (from 1) of the columns that the contract does not know; a header may hold anything."""
        return tuple(
            place
            for place, (header, column) in enumerate(zip(self.headers, self.columns, strict=True), 1)
            if column is None and header not in REASON_HEADERS
        )

    @property
    def is_returned(self) -> bool:
        """Whether the file is a returned one: it has the column with our reasons."""
        return any(header in REASON_HEADERS for header in self.headers)


def recognise(headers: Sequence[str], name: str, feed_name: str | None) -> Layout:
    """Match the header with the contracts; ``feed_name`` limits it to one feed.

    The feed is the one that lacks no required column and shares most columns with the header; of several
    alike, the one whose name begins the file's name. A feed of few columns does not count as complete where
    another shares more than twice as many: that one lacks a column, and this is said.
    """
    refuse_wide(len(headers), name)
    headers = tuple(header.strip().lstrip("\ufeff") for header in headers)
    repeated = [str(place) for place, each in enumerate(headers, 1) if each and headers.count(each) > 1]
    if repeated:
        raise UnknownHeader(
            f"{name} 的表头有重复的列：第 {'、'.join(repeated)} 列。",
            f"The header of {name} repeats columns: number {', '.join(repeated)}.",
        )
    if feed_name and feed_name not in FEEDS:
        raise Refused(
            f"没有名为 {feed_name} 的数据源；现有：{'、'.join(FEEDS)}。",
            f"There is no feed {feed_name}; known feeds: {', '.join(FEEDS)}.",
        )
    candidates = [FEEDS[feed_name]] if feed_name else list(FEEDS.values())
    plain = tuple(_plain(header) for header in headers)
    most = max(_matched(feed, plain) for feed in candidates)
    best = max(candidates, key=lambda feed: _fit(feed, plain, name, most))
    missing = _missing(best, plain)
    if missing:
        _refuse_other_separator(headers, name)
        if feed_name or _matched(best, plain) * 2 > len(headers):
            kind = Refused if _matched(best, plain) else UnknownHeader
            raise kind(
                f"{name} 缺少数据源 {name_of(best)} 的列：{'、'.join(missing)}；请补齐后再送。",
                f"{name} lacks columns of the feed {name_of(best)}: {', '.join(missing)}; "
                "add them and deliver it again.",
            )
        known = _known_headers(headers)[:6]
        raise UnknownHeader(
            f"{name} 的表头（{len(headers)} 列，认得{'、'.join(known) or '无'}）与任何数据源和报表模板都不符；"
            "各数据源的列见“数据字典”页，用 --feed 可指定；"
            "公布的报表请按 docs/statements.md 写模板，用 --template 装载。",
            f"The header of {name} ({len(headers)} columns, known: {', '.join(known) or 'none'}) fits no feed and no "
            "statement template; the columns of the feeds are on the page 'Data dictionary', --feed names one; "
            "for a published table write a template by docs/statements.md and load it with --template.",
        )
    columns = _match(best, plain)
    twice = sorted({each for each in columns if each and columns.count(each) > 1})
    if twice:
        raise Refused(
            f"{name} 有几列都是数据源 {name_of(best)} 的 {'、'.join(twice)}；请只留一列。",
            f"Several columns of {name} are {', '.join(twice)} of the feed {name_of(best)}; keep one of each.",
        )
    return Layout(best, headers, columns)


def know_feeds() -> None:
    """Make what is remembered of all contracts: a process that forks for each file does so once."""
    for feed in FEEDS.values():
        _columns_by_header(feed)


def refuse_wide(columns: int, name: str) -> None:
    """Refuse a table that is wider than any feed, before its columns are compared with anything."""
    if columns > MOST_COLUMNS:
        raise Refused(
            f"{name} 有 {columns} 列（上限 {MOST_COLUMNS} 列）；请删去多余的列后再送。",
            f"{name} has {columns} columns (at most {MOST_COLUMNS}); take out what is too much.",
        )


def refuse_long(length: int, name: str) -> None:
    """Refuse a table with a value of ``length`` bytes that no column holds and every rule would go through."""
    if length > LONGEST_VALUE:
        raise Refused(
            f"{name} 有一个值长达 {length // 2**20} MB，不是数据；请从来源重新导出。",
            f"{name} holds a value of {length // 2**20} MB, which is no data; export it from the source again.",
        )


def refuse_title(rows: Sequence[Sequence[str]], name: str, feed_name: str | None) -> None:
    """Refuse a table whose header is not in its first line: titles and dates stand above it."""
    for place, row in enumerate(rows[1:LINES_LOOKED_AT], 2):
        cells = [*row]
        while cells and not cells[-1].strip():
            cells.pop()
        try:
            layout = recognise(cells, name, feed_name) if len(cells) > 1 else None
        except Refused:
            continue
        if layout is not None:
            raise Refused(
                f"{name} 的表头（数据源 {name_of(layout.feed)}）在第 {place} 行，上面还有标题或说明；"
                "请删去表头以上的行后重新送来。",
                f"The header of {name} (feed {name_of(layout.feed)}) is in line {place}, below a title or notes; "
                "delete the lines above it and deliver the file again.",
            )


def _refuse_other_separator(headers: tuple[str, ...], name: str) -> None:
    if len(headers) > 1:
        return
    for separator, (zh, en) in OTHER_SEPARATORS.items():
        if any(separator in header for header in headers):
            raise UnknownHeader(
                f"{name} 的各列用{zh}分隔；请改用逗号分隔的 CSV。",
                f"The columns of {name} are separated by {en}; deliver CSV with commas.",
            )


def _fit(feed: type[Feed], plain: tuple[str, ...], name: str, most: int) -> tuple[float, ...]:
    required = sum(each.is_required for each in columns_of(feed))
    matched, missing = _matched(feed, plain), len(_missing(feed, plain))
    complete = 1 - missing / max(required, 1)
    overlap = matched / (len(plain) + len(columns_of(feed)) - matched)
    is_complete = missing == 0 and matched * 2 > most
    is_named = name.startswith(name_of(feed)) and (complete > 0.5 or matched * 2 > len(plain))
    return (is_complete, is_named, 0 if is_complete else matched, overlap, complete)


def _match(feed: type[Feed], plain: tuple[str, ...]) -> tuple[str | None, ...]:
    known = _columns_by_header(feed)
    return tuple(known.get(header) for header in plain)


@cache
def _columns_by_header(feed: type[Feed]) -> Mapping[str, str]:
    return {
        _plain(text): each.name for each in columns_of(feed) for text in (*each.aliases, each.zh, each.name)
    }


def _plain(header: str) -> str:
    """A header without what spreadsheets add: full-width letters, line breaks and blanks, capitals."""
    return "".join(unicodedata.normalize("NFKC", header).split()).lower()


def _known_headers(headers: tuple[str, ...]) -> list[str]:
    """What a message may repeat of a first line that fits nothing: it may be no header but a person's data."""
    known = set().union(*(_columns_by_header(feed) for feed in FEEDS.values()))
    return [header for header in headers if _plain(header) in known]


def _matched(feed: type[Feed], plain: tuple[str, ...]) -> int:
    known = _columns_by_header(feed)
    return sum(header in known for header in plain)


def _missing(feed: type[Feed], plain: tuple[str, ...]) -> list[str]:
    present = set(_match(feed, plain))
    return [each.name for each in columns_of(feed) if each.is_required and each.name not in present]
