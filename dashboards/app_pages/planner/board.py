"""Planner: the sixteen targets of the plan with their newest figures and verdicts; tasks and columns."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components import url_state
from dashboards.components.board import board_table, detail, item_table, verdict_strip
from dashboards.components.export import export_buttons
from dashboards.components.frame import Frame, open_frame, show_trust
from dashboards.components.origin_switch import watermark
from dashboards.i18n import ATTRIBUTES, known
from dashboards.services import planner
from dashboards.services.records import fetch_table


def show(frame: Frame) -> None:
    """The page."""
    board = planner.load_board(frame.connection, frame.lang)
    st.title(board.title, anchor=False)
    show_trust(frame)
    if board.has_synthetic:
        watermark(frame)
    verdict_strip(board.verdicts)
    rows = _filtered(frame, board)
    if rows:
        board_table(rows, frame)
        _detail(frame, rows)
    else:
        st.info(frame.say("planner.none"), icon=":material/filter_alt_off:")
    _items(frame)
    load = partial(fetch_table, frame.connection, lang=frame.lang)
    with st.container(key="export", horizontal=True):
        for name, query in (
            ("export_board", "planner_board_export"),
            ("export_items", "planner_item_export"),
        ):
            title = frame.say(f"planner.{name}")
            export_buttons(frame, title, partial(load, query), f"{title}-{frame.release.release_id}")


def _filtered(frame: Frame, board: planner.Board) -> tuple[planner.PlanRow, ...]:
    every = frame.say("planner.all")
    verdicts = {"all": every} | {each.auto_status: each.status for each in board.verdicts}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        attribute = url_state.segmented(
            "attribute",
            frame.say("planner.attribute"),
            ["all", *ATTRIBUTES],
            lambda code: every if code == "all" else known(ATTRIBUTES, code, frame.lang),
        )
        verdict = url_state.select(
            "verdict", frame.say("planner.verdict"), list(verdicts), lambda code: verdicts[code], width=280
        )
    return board.filtered(attribute, verdict)


def _detail(frame: Frame, rows: tuple[planner.PlanRow, ...]) -> None:
    st.subheader(frame.say("planner.detail"), anchor=False)
    by_number = {str(row.row_no): row for row in rows}
    number = url_state.select(
        "row", frame.say("planner.name"), list(by_number), lambda code: f"{code}  {by_number[code].name}"
    )
    with st.container(border=True):
        detail(by_number[number], frame)


def _items(frame: Frame) -> None:
    items = planner.load_items(frame.connection, frame.lang)
    st.subheader(frame.say("planner.items"), anchor=False)
    with st.expander(frame.say("planner.tasks")):
        item_table([item for item in items if item.level == "task"], frame)
    with st.expander(frame.say("planner.columns")):
        item_table([item for item in items if item.level != "task"], frame)


show(open_frame())
