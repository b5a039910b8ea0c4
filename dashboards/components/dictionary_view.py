"""The parts of the data dictionary: description, columns, codes, rules and findings of one feed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from dashboards import theme
from dashboards.components.frame import Frame
from dashboards.components.markup import Html, badge, definitions, join, mark, table, tag
from dashboards.formats import day
from dashboards.i18n import CADENCES, FEED_SEVERITIES, FEED_UNITS, RULE_KINDS, SENSITIVITIES, known
from dashboards.services.dictionary import Feed, FeedCode, FeedColumn, FeedFinding, FeedRule

GUARDED = ("pseudonym", "personal")
HEIGHT = 640


def description(feed: Feed, frame: Frame) -> None:
    """What the feed is and what came of it."""
    pairs = (
        ("dictionary.feed", tag("code", feed.feed)),
        ("dictionary.cadence", known(CADENCES, feed.cadence, frame.lang)),
        (
            "dictionary.newest",
            day(feed.newest_delivery_date) if feed.batch_cnt else frame.say("dictionary.never"),
        ),
        ("dictionary.batches", str(feed.batch_cnt)),
        ("dictionary.rows", feed.rows(frame.lang)),
    )
    st.html(definitions([(frame.say(key), text) for key, text in pairs]).source)


def column_table(columns: Iterable[FeedColumn], frame: Frame) -> None:
    """One line per column of the contract."""
    keys = ("column", "name", "type", "key", "allowed", "unit", "sensitivity")
    lines = [
        (
            tag("code", each.column_name),
            _name(each, frame),
            tag("span", each.full_type, class_="yb-nowrap"),
            _key(each, frame),
            tag("code", each.code_set) if each.code_set else each.codes or "—",
            known(FEED_UNITS, each.unit, frame.lang) if each.unit else "—",
            _sensitivity(each.sensitivity, frame.lang),
        )
        for each in columns
    ]
    _show(keys, lines, frame, wide=1)


def code_table(codes: Iterable[FeedCode], frame: Frame) -> None:
    """One line per code."""
    lines = [
        (
            tag("code", each.code),
            each.name,
            tag("span", each.validity(frame.lang), class_="yb-nowrap"),
            tag("code", each.maps_to) if each.maps_to else "—",
            each.note or "—",
        )
        for each in codes
    ]
    _show(("code", "name", "valid", "maps_to", "note"), lines, frame, wide=1)


def rule_table(rules: Sequence[FeedRule], frame: Frame) -> None:
    """What the columns are checked for anyway, and one line per further rule."""
    with st.expander(frame.say("dictionary.how"), icon=":material/help:"):
        st.markdown(frame.say("dictionary.how_body"))
    if not rules:
        st.info(frame.say("dictionary.no_rules"), icon=":material/rule:")
        return
    lines = [
        (
            tag("code", each.rule),
            tag("span", known(RULE_KINDS, each.kind, frame.lang), class_="yb-nowrap"),
            _severity(each.severity, frame.lang),
            each.text,
        )
        for each in rules
    ]
    _show(("rule", "looks_at", "handling", "text"), lines, frame, wide=3)


def feed_finding_table(findings: Iterable[FeedFinding], frame: Frame) -> None:
    """One line per batch and rule: what was found, in how many rows, in which file."""
    lines = [
        (
            _severity(each.severity, frame.lang),
            tag("code", each.rule),
            _message(each, frame),
            each.extent(frame.lang),
            join((each.file_name, tag("span", day(each.known_on), class_="yb-sub"))),
        )
        for each in findings
    ]
    _show(("handling", "rule", "note", "rows_found", "delivery"), lines, frame, wide=2, right=(3,))


def _show(
    keys: Sequence[str],
    lines: Sequence[Sequence[Html | str]],
    frame: Frame,
    *,
    wide: int,
    right: Iterable[int] = (),
) -> None:
    heads = [frame.say(f"dictionary.{key}") for key in keys]
    st.html(table(heads, lines, right=right, wide=wide, height=HEIGHT).source)


def _name(each: FeedColumn, frame: Frame) -> Html | str:
    if not each.headers:
        return each.name
    headers = frame.say("dictionary.headers", headers=each.headers)
    return join((each.name, tag("span", headers, class_="yb-sub")))


def _key(each: FeedColumn, frame: Frame) -> Html | str:
    if each.is_key:
        return tag("b", frame.say("dictionary.is_key"))
    return frame.say("dictionary.is_required") if each.is_required else "—"


def _sensitivity(code: str, lang: str) -> Html | str:
    word = known(SENSITIVITIES, code, lang)
    return badge(word, "caution") if code in GUARDED else tag("span", word, class_="yb-nowrap")


def _severity(code: str, lang: str) -> Html:
    symbol, colour = theme.FEED_SEVERITIES.get(code, theme.UNKNOWN)
    return tag("div", mark(symbol, known(FEED_SEVERITIES, code, lang), colour), class_="yb-verdict")


def _message(each: FeedFinding, frame: Frame) -> Html | str:
    if not each.first_records:
        return each.message
    records = frame.say("dictionary.first_records_value", records=each.first_records)
    return join((each.message, tag("span", records, class_="yb-sub")))
