"""Tables of the planner page: targets with their verdicts, one target in detail, tasks and columns."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import streamlit as st

from dashboards import theme
from dashboards.components.frame import Frame
from dashboards.components.markup import Html, definitions, join, mark, table, tag
from dashboards.formats import day, share
from dashboards.i18n import ATTRIBUTES, GOALS, OFFICES, TARGET_KINDS, known, translated
from dashboards.services.leader import SYNTHETIC
from dashboards.services.planner import PlanItem, PlanRow, VerdictCount


def verdict(code: str, word: str) -> Html:
    """A verdict as symbol, word and colour."""
    symbol, colour = theme.VERDICTS.get(code, theme.UNKNOWN)
    return mark(symbol, word, colour)


def verdict_strip(counts: Iterable[VerdictCount]) -> None:
    """How many targets have which verdict, in one line."""
    parts = [
        tag("span", verdict(each.auto_status, each.status), " ", tag("b", str(each.targets)))
        for each in counts
    ]
    st.html(tag("div", *parts, class_="yb-trust").source)


def board_table(rows: Iterable[PlanRow], frame: Frame) -> None:
    """One line per target."""
    keys = ("row", "name", "attribute", "base", "target", "actual", "elapsed", "verdict", "reason", "owner")
    heads = [frame.say(f"planner.{key}") for key in keys]
    st.html(table(heads, [_line(row, frame) for row in rows], right=(0,), wide=1).source)


def detail(row: PlanRow, frame: Frame) -> None:
    """Everything that is known about one target."""
    say, lang = frame.say, frame.lang
    record = (
        say("definition.record", file=row.file_name, record=row.record_number)
        if row.record_number is not None
        else ""
    )
    pairs: list[tuple[str, Html | str]] = [
        (say("planner.verdict"), verdict(row.auto_status, row.status)),
        (say("planner.reason"), row.reason or ""),
        (say("planner.base"), row.printed(row.baseline, lang)),
        (say("planner.target"), row.printed(row.target, lang)),
        (say("planner.raw_text"), row.raw_text or ""),
        (say("planner.actual"), " · ".join(filter(None, (row.actual(lang), row.actual_period(lang))))),
        (say("planner.origin"), origin_mark(row, frame) if row.as_of_date else ""),
        (say("planner.progress"), share(row.progress_rate, 1) if row.progress_rate is not None else ""),
        (say("planner.kind"), known(TARGET_KINDS, row.kind, lang)),
        (say("planner.category"), row.category),
        (say("planner.goal"), translated(GOALS, row.goal, lang)),
        (say("planner.owner"), translated(OFFICES, row.owner, lang)),
        (say("planner.denominator"), row.denominator_spec or ""),
        (say("planner.tolerance"), row.tolerance_note or ""),
        (say("planner.evidence"), row.evidence_note or ""),
        (say("planner.document"), row.document or ""),
        (say("column.source"), row.source or ""),
        (say("column.record"), record),
    ]
    st.html(definitions(pairs).source)


def item_table(items: Iterable[PlanItem], frame: Frame) -> None:
    """One line per task or item."""
    heads = [frame.say(f"planner.item_{key}") for key in ("id", "name", "kind", "due", "indicators")]
    lines = [
        (
            item.item_id,
            tag("b", item.name) if item.level == "column" else item.name,
            tag("span", known(TARGET_KINDS, item.kind, frame.lang), class_="yb-nowrap"),
            tag("span", day(item.due_date), class_="yb-nowrap"),
            item.indicators or "—",
        )
        for item in items
    ]
    st.html(table(heads, lines, wide=1).source)


def _line(row: PlanRow, frame: Frame) -> tuple[Html | str, ...]:
    lang = frame.lang
    return (
        str(row.row_no),
        join((row.name, tag("span", row.category, class_="yb-sub"))),
        tag("span", known(ATTRIBUTES, row.attribute, lang), class_="yb-nowrap"),
        row.printed(row.baseline, lang),
        row.printed(row.target, lang),
        _actual(row, frame),
        _elapsed(row.elapsed_rate),
        tag("div", verdict(row.auto_status, row.status), class_="yb-verdict"),
        tag("div", row.reason or "", class_="yb-reason"),
        tag("div", translated(OFFICES, row.owner, lang), class_="yb-owner"),
    )


def _actual(row: PlanRow, frame: Frame) -> Html | str:
    text = row.actual(frame.lang)
    if not text:
        return tag("span", frame.say("planner.not_yet"), class_="yb-sub")
    lines = [text, tag("span", row.actual_period(frame.lang), class_="yb-sub")]
    if row.is_of_feeds:
        lines.append(origin_mark(row, frame))
    return join(lines)


def origin_mark(row: PlanRow, frame: Frame) -> Html:
    """The origin of a figure that is not a published one; synthetic ones as a watermark."""
    return tag(
        "span",
        frame.words.of("data_origin", row.data_origin),
        class_="yb-watermark" if row.data_origin == SYNTHETIC else "yb-sub",
    )


def _elapsed(rate: Decimal | None) -> Html | str:
    text = share(rate)
    if rate is None:
        return text
    return tag("span", tag("span", class_="yb-bar", style=f"--part:{text}"), text, class_="yb-nowrap")
