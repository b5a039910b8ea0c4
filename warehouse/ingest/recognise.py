"""Which feed a file is, by the names of its columns, and under which name each column stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.texts import Refused

REASON_HEADERS = ("原因", "退回原因", "reason")  # a returned file carries them when it comes back


class UnknownHeader(Refused):
    """The header line fits no feed; it may still be a statement."""


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
    def unknown(self) -> tuple[str, ...]:
        """Headers that the contract does not know."""
        return tuple(
            header
            for header, column in zip(self.headers, self.columns, strict=True)
            if column is None and header not in REASON_HEADERS
        )

    @property
    def is_returned(self) -> bool:
        """Whether the file is a returned one: it has the column with our reasons."""
        return any(header in REASON_HEADERS for header in self.headers)


def recognise(headers: Sequence[str], name: str, feed_name: str | None) -> Layout:
    """Match the header with the contracts; ``feed_name`` limits it to one feed.

    The feed is the one that lacks no required column and shares most columns with the header; of several
    alike, the one whose name begins the file's name.
    """
    headers = tuple(header.strip().lstrip("\ufeff") for header in headers)
    repeated = sorted({each for each in headers if headers.count(each) > 1})
    if repeated:
        raise UnknownHeader(
            f"{name} 的表头有重复的列:{'、'.join(repeated)}。",
            f"The header of {name} repeats columns: {', '.join(repeated)}.",
        )
    if feed_name and feed_name not in FEEDS:
        raise Refused(
            f"没有名为 {feed_name} 的数据源;现有:{'、'.join(FEEDS)}。",
            f"There is no feed {feed_name}; known feeds: {', '.join(FEEDS)}.",
        )
    candidates = [FEEDS[feed_name]] if feed_name else list(FEEDS.values())
    best = max(candidates, key=lambda feed: _fit(feed, headers, name))
    missing = _missing(best, headers)
    if missing:
        if feed_name or _matched(best, headers) * 2 > len(headers):
            raise Refused(
                f"{name} 缺少数据源 {name_of(best)} 的列:{'、'.join(missing)};请补齐后再送。",
                f"{name} lacks columns of the feed {name_of(best)}: {', '.join(missing)}; "
                "add them and deliver it again.",
            )
        raise UnknownHeader(
            f"{name} 的表头({'、'.join(headers[:6])}…)与任何数据源和报表模板都不符;"
            f"数据源现有:{'、'.join(FEEDS)};公布的报表请按 docs/statements.md 写模板,用 --template 装载。",
            f"The header of {name} ({', '.join(headers[:6])}…) fits no feed and no statement template; "
            f"feeds: {', '.join(FEEDS)}; for a published table write a template by docs/statements.md "
            "and load it with --template.",
        )
    columns = _match(best, headers)
    twice = sorted({each for each in columns if each and columns.count(each) > 1})
    if twice:
        raise Refused(
            f"{name} 有几列都是数据源 {name_of(best)} 的 {'、'.join(twice)};请只留一列。",
            f"Several columns of {name} are {', '.join(twice)} of the feed {name_of(best)}; keep one of each.",
        )
    return Layout(best, headers, columns)


def _fit(feed: type[Feed], headers: tuple[str, ...], name: str) -> tuple[float, ...]:
    required = sum(each.is_required for each in columns_of(feed))
    matched = _matched(feed, headers)
    complete = 1 - len(_missing(feed, headers)) / max(required, 1)
    overlap = matched / (len(headers) + len(columns_of(feed)) - matched)
    return (complete == 1, name.startswith(name_of(feed)) and complete > 0.5, overlap, complete)


def _match(feed: type[Feed], headers: tuple[str, ...]) -> tuple[str | None, ...]:
    by_header: dict[str, str] = {}
    for each in columns_of(feed):
        for alias in (*each.aliases, each.zh, each.name):
            by_header[alias.lower()] = each.name
    return tuple(by_header.get(header.lower()) for header in headers)


def _matched(feed: type[Feed], headers: tuple[str, ...]) -> int:
    return sum(column is not None for column in _match(feed, headers))


def _missing(feed: type[Feed], headers: tuple[str, ...]) -> list[str]:
    present = set(_match(feed, headers))
    return [each.name for each in columns_of(feed) if each.is_required and each.name not in present]
