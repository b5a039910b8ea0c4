"""Statistician: what each feed delivers (columns, codes, rules) and what was reported of its files."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components import dictionary_view as view
from dashboards.components import url_state
from dashboards.components.export import export_buttons
from dashboards.components.frame import Frame, open_frame, show_trust
from dashboards.services import dictionary
from dashboards.services.records import fetch_table


def show(frame: Frame) -> None:
    """The page."""
    feeds = dictionary.load_feeds(frame.connection, frame.lang)
    if not feeds:
        st.title(frame.say("page.dictionary"), anchor=False)
        st.info(frame.say("dictionary.none"), icon=":material/inbox:")
        return
    chosen = url_state.select(
        "feed", frame.say("dictionary.feed"), list(feeds), lambda code: feeds[code].label, width=420
    )
    feed = feeds[chosen]
    st.title(feed.title(frame.lang), anchor=False)
    show_trust(frame)
    view.description(feed, frame)
    parts = ("columns", "codes", "rules", "findings")
    columns, codes, rules, findings = st.tabs([frame.say(f"dictionary.{part}") for part in parts])
    with columns:
        view.column_table(dictionary.load_columns(frame.connection, chosen, frame.lang), frame)
    with codes:
        _codes(frame, chosen)
    with rules:
        view.rule_table(dictionary.load_rules(frame.connection, chosen, frame.lang), frame)
    with findings:
        _findings(frame, feed)
    load = partial(fetch_table, frame.connection, lang=frame.lang, feed=chosen)
    with st.container(key="export", horizontal=True):
        for part, query in (
            ("columns", partial(load, "dictionary_column")),
            ("codes", partial(load, "dictionary_code", code_set="all")),
            ("rules", partial(load, "dictionary_rule")),
            ("findings", partial(load, "dictionary_finding", row_limit=dictionary.ALL_ROWS)),
        ):
            title = frame.say(f"dictionary.{part}")
            export_buttons(frame, title, query, f"{title}-{chosen}-{frame.release.release_id}")


def _codes(frame: Frame, feed: str) -> None:
    sets = dictionary.load_code_sets(frame.connection, feed, frame.lang)
    if not sets:
        st.info(frame.say("dictionary.no_codes"), icon=":material/label_off:")
        return
    chosen = url_state.select(
        "code_set", frame.say("dictionary.code_set"), list(sets), lambda code: sets[code].label(frame.lang)
    )
    if chosen == dictionary.REGION_SET:
        st.caption(frame.say("dictionary.region_codes"))
    view.code_table(dictionary.load_codes(frame.connection, feed, chosen, frame.lang), frame)


def _findings(frame: Frame, feed: dictionary.Feed) -> None:
    if not feed.finding_cnt:
        st.info(frame.say("dictionary.no_findings" if feed.batch_cnt else "dictionary.no_delivery"))
        return
    if feed.finding_cnt > dictionary.SHOWN:
        st.caption(frame.say("findings.cut", shown=dictionary.SHOWN, total=feed.finding_cnt))
    view.feed_finding_table(dictionary.load_findings(frame.connection, feed.feed, frame.lang), frame)


show(open_frame())
