"""The statistician's query box, its result and its downloads."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.components.export import export_buttons
from dashboards.components.frame import Frame
from dashboards.components.markup import plain
from dashboards.i18n import pick
from dashboards.services import catalogue
from dashboards.services.workbench import SHOWN_ROWS, Answer, ask
from warehouse.query.export import exported

BOX = "query_text"
ANSWER = "query_answer"


def query_box(frame: Frame) -> None:
    """Example buttons, a text area, a run button, and the result of the last run."""
    st.session_state.setdefault(BOX, catalogue.example(catalogue.EXAMPLES[0]))
    with st.container(horizontal=True, gap="small"):
        for name in catalogue.EXAMPLES:
            st.button(
                frame.say(f"example.{name}"), key=f"example_{name}", on_click=_take_example, args=(name,)
            )
    text = st.text_area(frame.say("workbench.sql"), key=BOX, height=330, persist_state="session") or ""
    is_asked = st.button(frame.say("workbench.run"), type="primary", icon=":material/play_arrow:", key="run")
    limits = frame.settings.query
    st.caption(
        frame.say(
            "workbench.limits",
            seconds=limits.seconds,
            memory=limits.memory_mb,
            rows=f"{limits.rows:,}",
            result=limits.result_mb,
        )
    )
    if is_asked and not text.strip():
        st.warning(frame.say("workbench.empty"), icon=":material/edit:")
    elif is_asked:
        queue = st.empty()
        with st.spinner(frame.say("workbench.running")):
            st.session_state[ANSWER] = ask(
                frame.release.release_id,
                frame.file,
                text,
                frame.settings,
                frame.visitor.name,
                lambda said: _tell(queue, pick(said, frame.lang)),
            )
        queue.empty()
    if ANSWER in st.session_state:
        _show(st.session_state[ANSWER], frame)


def _tell(queue: DeltaGenerator, text: str) -> None:
    queue.info(text, icon=":material/hourglass_top:")


def _take_example(name: str) -> None:
    st.session_state[BOX] = catalogue.example(name)


def _show(answer: Answer, frame: Frame) -> None:
    if answer.refusal is not None:
        st.error(plain(pick(answer.refusal, frame.lang)), icon=":material/block:")
        return
    table, shown = answer.table, answer.shown
    if table is None or shown is None:
        return
    total = f"{table.num_rows:,}"
    is_cut = table.num_rows > SHOWN_ROWS
    key = "workbench.total_cut" if is_cut else "workbench.total"
    st.caption(
        f"{frame.say(key, total=total, shown=f'{SHOWN_ROWS:,}')} · "
        f"{frame.say('workbench.stale', release=answer.release_id)}"
    )
    if answer.cut is not None:
        st.warning(plain(pick(answer.cut, frame.lang)), icon=":material/content_cut:")
    st.dataframe(shown, hide_index=True, width="stretch")
    formats = ["csv", "json", "parquet", *(["xlsx"] if answer.fits_a_sheet else [])]
    export_buttons(
        frame,
        frame.say("export.title"),
        answer.whole,
        f"query-{answer.release_id}",
        formats,
        write=exported,
        releases=[answer.release_id],
    )
    if not answer.fits_a_sheet:
        st.caption(frame.say("workbench.too_wide"))
