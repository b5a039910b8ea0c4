"""Operator: what failed and what it spoils, alerts, releases and roll-back, runs, deliveries, quarantine."""

from __future__ import annotations

import streamlit as st

from dashboards.components import operations_view as view
from dashboards.components import url_state
from dashboards.components.frame import Frame, open_frame, show_trust
from dashboards.components.impact_view import impact_view
from dashboards.components.inbox import inbox
from dashboards.components.markup import plain
from dashboards.components.roll_back import roll_back_form
from dashboards.services import operations, runs, spoilage

PARTS = ("now", "alerts", "releases", "runs", "batches", "impact", "quarantine", "freshness")


def show(frame: Frame) -> None:
    """The page; only the chosen part is read."""
    st.title(operations.title(frame.settings, frame.lang), anchor=False)
    show_trust(frame)
    part = url_state.segmented(
        "part",
        frame.say("operations.part"),
        PARTS,
        lambda code: frame.say(f"operations.{code}"),
        label_visibility="collapsed",
    )
    shown = (_now, inbox, _releases, _runs, _batches, impact_view, _quarantine, _freshness)
    dict(zip(PARTS, shown, strict=True))[part](frame)


def _now(frame: Frame) -> None:
    month = _month(frame)
    lines = spoilage.spoiled(frame.settings, frame.connection, month, frame.lang)
    never = operations.never_came(frame.settings, month, frame.lang)
    if never:
        st.info(plain(never), icon=":material/pending:")
    if not lines:
        st.success(frame.say("operations.nothing_spoiled"), icon=":material/check_circle:")
        return
    st.caption(frame.say("operations.lineage"))
    view.spoiled_table(lines, frame)


def _releases(frame: Frame) -> None:
    lines = operations.release_lines(frame.settings)
    view.release_table(lines, frame)
    roll_back_form(lines, frame)


def _runs(frame: Frame) -> None:
    with st.spinner(frame.say("operations.reading_runs")):
        found = runs.last_runs(frame.settings)
    view.run_table(found, frame) if found else st.info(frame.say("operations.no_runs"))


def _batches(frame: Frame) -> None:
    found = operations.deliveries(frame.settings, frame.lang)
    view.delivery_table(found, frame) if found else st.info(frame.say("operations.no_batches"))


def _quarantine(frame: Frame) -> None:
    st.caption(frame.say("operations.quarantine_how"))
    found = operations.held_batches(frame.settings)
    view.quarantine_table(found, frame) if found else st.success(frame.say("operations.no_quarantine"))


def _freshness(frame: Frame) -> None:
    view.freshness_table(operations.calendar(frame.settings, _month(frame)), frame)


def _month(frame: Frame) -> str:
    return url_state.select("month", frame.say("operations.month"), operations.months(), str, width=200)


show(open_frame())
