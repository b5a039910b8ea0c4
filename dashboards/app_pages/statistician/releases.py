"""Statistician: two releases compared figure by figure, with the reason of each difference."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components import url_state
from dashboards.components.difference_table import difference_table
from dashboards.components.export import export_buttons
from dashboards.components.frame import Frame, open_frame, show_trust
from dashboards.services import comparison, releases


def show(frame: Frame) -> None:
    """The page."""
    ids = releases.release_ids(frame.settings)
    if not releases.others(ids):
        st.title(frame.say("page.releases"), anchor=False)
        show_trust(frame)
        st.info(frame.say("releases.only_one"), icon=":material/layers_clear:")
        return
    head = st.container()
    new, old = _choose(frame, ids)
    found = comparison.compare(
        releases.choose(frame.settings, old), releases.choose(frame.settings, new), frame.visitor.file_scope
    )
    with head:
        st.title(found.title(frame.lang), anchor=False)
        show_trust(frame)
    reasons = [comparison.EVERY, *found.counts]
    reason = url_state.select(
        "reason",
        frame.say("releases.reason"),
        reasons,
        partial(comparison.reason_name, lang=frame.lang),
        width=260,
    )
    with st.expander(frame.say("releases.how"), icon=":material/help:"):
        st.markdown(frame.say("releases.how_body"))
    rows = found.of(reason)
    if rows.num_rows > comparison.SHOWN:
        st.caption(frame.say("findings.cut", shown=comparison.SHOWN, total=rows.num_rows))
    if rows.num_rows:
        difference_table(comparison.differences(rows, frame.connection, frame.words, frame.lang), frame)
    name = frame.say("releases.export")
    with st.container(key="export"):
        export_buttons(
            frame,
            name,
            partial(found.export, reason, frame.lang),
            f"{name}-{old}-{new}",
            releases=[old, new],
        )


def _choose(frame: Frame, ids: list[str]) -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        new = url_state.select(
            "new",
            frame.say("releases.new"),
            ids,
            lambda code: frame.say("workbench.current", release=code) if code == ids[0] else code,
            width=340,
        )
        old = url_state.select("old", frame.say("releases.old"), releases.others(ids, new), str, width=340)
    return new, old


show(open_frame())
