"""The form that serves an earlier release again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.components.frame import Frame
from dashboards.components.markup import plain
from dashboards.i18n import pick
from dashboards.services.operations import ReleaseLine, roll_back_to
from warehouse.places import shown
from warehouse.texts import Busy, Refused

DONE = "rolled_back_to"


def roll_back_form(lines: Sequence[ReleaseLine], frame: Frame) -> None:
    """Which release, why, and its id typed once more; the page begins anew when it is served."""
    st.subheader(frame.say("operations.roll_back"), anchor=False)
    done = st.session_state.pop(DONE, None)
    if done:
        st.success(frame.say("operations.rolled_back", release=done), icon=":material/check_circle:")
    targets = [each.release_id for each in lines if each.is_on_disk and not each.is_served]
    if not targets:
        st.info(frame.say("operations.roll_back_none"), icon=":material/layers_clear:")
        return
    st.caption(frame.say("operations.roll_back_how"))
    with st.form("roll_back", width=520):
        target = st.selectbox(frame.say("operations.target"), targets, key="roll_back_target")
        reason = st.text_input(frame.say("operations.reason"), key="roll_back_reason", max_chars=200)
        typed = st.text_input(frame.say("operations.confirm"), key="roll_back_typed", max_chars=40)
        is_sent = st.form_submit_button(frame.say("operations.do_roll_back"), icon=":material/undo:")
    if is_sent and target:
        _decide(target, reason, typed, frame)


def _decide(target: str, reason: str, typed: str, frame: Frame) -> None:
    try:
        roll_back_to(frame.settings, target, reason, typed, frame.visitor.actor)
    except Busy as busy:
        detail = plain(pick(busy.text, frame.lang))
        st.warning(frame.say("operations.busy", detail=detail), icon=":material/hourglass_top:")
    except Refused as refused:
        st.error(plain(pick(shown(refused.text, [frame.settings.home]), frame.lang)), icon=":material/block:")
    else:
        st.session_state[DONE] = target
        st.rerun()
