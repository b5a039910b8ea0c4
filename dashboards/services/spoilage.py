"""What a missing, refused or incomplete delivery spoils: tables, indicators and pages, by the release's lineage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from dashboards.i18n import pick, say
from dashboards.services.operations import calendar, held_batches, refused_feeds
from dashboards.services.records import fetch
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed
from warehouse.release.files import MART_SCHEMAS
from warehouse.settings import Settings

BILINGUAL = " / "
SHOWN_CARDS = 4
OWN_PAGE = "operations_page"
PAGE = "page"


@dataclass(frozen=True)
class Edge:
    """A table, and a table or page that is made directly from it."""

    parent_name: str
    child_name: str
    child_layer: str
    child_label: str


@dataclass(frozen=True)
class Graph:
    """The lineage of a release."""

    edges: Sequence[Edge]

    def below(self, table: str) -> list[Edge]:
        """Every table and page that is made from ``table``, directly or not, by the edges that lead to it."""
        reached, found = {table}, []
        waiting = list(self.edges)
        while new := [each for each in waiting if each.parent_name in reached]:
            found += new
            waiting = [each for each in waiting if each.parent_name not in reached]
            reached |= {each.child_name for each in new}
        return found


@dataclass(frozen=True)
class Metric:
    """An indicator and the table (``schema.name``), or else the feeds, that a term of it is computed from."""

    metric_key: str
    name: str
    mart: str
    feeds: str

    def rests_on(self, feed: str, tables: Iterable[str]) -> bool:
        """Whether the feed, or one of the tables made from it, goes into the indicator."""
        return self.mart in tables if self.mart else feed in self.feeds.split(";")


@dataclass(frozen=True)
class Card:
    """A card of the leader's page or a row of the planner's that shows an indicator."""

    metric_key: str
    page: str
    name: str


@dataclass(frozen=True)
class Spoiled:
    """A feed with a trouble, and what is made from it."""

    feed: str
    name: str
    troubles: tuple[str, ...]
    tables: tuple[str, ...]
    metrics: tuple[str, ...]
    metric_keys: tuple[str, ...]
    cards: tuple[str, ...]
    pages: tuple[str, ...]

    def sentence(self, lang: str) -> str:
        """What the trouble spoils, in words."""
        return say(
            "operations.spoils",
            lang,
            feed=self.name,
            troubles=_joined(self.troubles, lang),
            tables=len(self.tables),
            metrics=len(self.metrics),
            cards=_first(self.cards, lang) or say("operations.no_card", lang),
        )


def sentences(lines: Sequence[Spoiled], lang: str) -> list[str]:
    """A sentence for each feed that spoils an indicator, and one for all the others."""
    found = [each.sentence(lang) for each in lines if each.metrics]
    others = [each.name for each in lines if not each.metrics]
    if others:
        feeds = _joined(others, lang)
        found.append(say("operations.spoils_nothing", lang, count=len(others), feeds=feeds))
    return found


def spoiled(
    settings: Settings, connection: duckdb.DuckDBPyConnection, month: str, lang: str
) -> list[Spoiled]:
    """The feeds that are overdue for ``month``, refused or kept out in part, and what each spoils."""
    graph = Graph(fetch(connection, "lineage", Edge, lang))
    metrics = fetch(connection, "operator_metric", Metric, lang)
    cards = fetch(connection, "operator_card", Card, lang)
    return [
        _spoiled(feed, troubles, graph, metrics, cards, lang)
        for feed, troubles in troubled_feeds(settings, month, lang).items()
    ]


def troubled_feeds(settings: Settings, month: str, lang: str) -> dict[str, list[str]]:
    """The feeds with a trouble and what it is, in words."""
    found: dict[str, list[str]] = {}
    for each in calendar(settings, month):
        if each.is_missing:
            key = "operations.overdue" if each.state == "overdue" else "operations.incomplete"
            found.setdefault(each.feed, []).append(say(key, lang, month=month, lacks=pick(each.lacks, lang)))
    for feed, files in refused_feeds(settings).items():
        found.setdefault(feed, []).append(say("operations.refused", lang, files=files))
    held: dict[str, int] = {}
    for batch in held_batches(settings):
        if not batch.is_whole_batch:
            held[batch.feed] = held.get(batch.feed, 0) + batch.rejected + batch.waiting
    for feed, rows in held.items():
        if rows:
            found.setdefault(feed, []).append(say("operations.held", lang, rows=rows))
    return found


def _spoiled(
    feed: str,
    troubles: Iterable[str],
    graph: Graph,
    metrics: Iterable[Metric],
    cards: Iterable[Card],
    lang: str,
) -> Spoiled:
    below = graph.below(f"raw.{feed}")
    tables = {each.child_name for each in below if each.child_name.partition(".")[0] in MART_SCHEMAS}
    labels = {each.child_name: each.child_label for each in below if each.child_layer == PAGE}
    names = {each.metric_key: each.name for each in metrics if each.rests_on(feed, tables)}
    contract = FEEDS.get(feed)
    label = say("operations.unrecognised", lang) if contract is None else _label(contract, lang)
    position = 1 if lang == "en" else 0
    return Spoiled(
        feed=feed,
        name=label,
        troubles=tuple(troubles),
        tables=tuple(sorted(tables)),
        metrics=tuple(names.values()),
        metric_keys=tuple(names),
        cards=tuple(dict.fromkeys(each.name for each in cards if each.metric_key in names)),
        pages=tuple(
            label.split(BILINGUAL)[position] for name, label in sorted(labels.items()) if name != OWN_PAGE
        ),
    )


def _label(contract: type[Feed], lang: str) -> str:
    return f"{contract.number} {contract.feed_en if lang == 'en' else contract.feed_zh}".strip()


def _first(words: Sequence[str], lang: str) -> str:
    """The first of many words, and how many they are."""
    first = _joined(words[:SHOWN_CARDS], lang)
    return (
        first
        if len(words) <= SHOWN_CARDS
        else say("operations.and_more", lang, first=first, count=len(words))
    )


def _joined(words: Iterable[str], lang: str) -> str:
    return (", " if lang == "en" else "、").join(words)
