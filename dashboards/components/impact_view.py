"""The operator's question: what rests on this file?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components import url_state
from dashboards.components.frame import Frame
from dashboards.components.markup import folded, join, plain, table, tag
from dashboards.i18n import pick
from dashboards.services.spoilage import BILINGUAL
from warehouse.places import shown
from warehouse.query.impact import Impact, impact
from warehouse.texts import Refused


def impact_view(frame: Frame) -> None:
    """A line for the name of a file or batch, and what rests on it in the served release."""
    st.caption(frame.say("impact.how"))
    named = url_state.text("file", frame.say("impact.file"), frame.say("impact.example"))
    if not named:
        return
    try:
        found = impact(frame.settings, named)
    except Refused as refused:
        st.warning(
            plain(pick(shown(refused.text, [frame.settings.home]), frame.lang)), icon=":material/search_off:"
        )
        return
    _tables(found, frame)


def _tables(found: Impact, frame: Frame) -> None:
    more, is_english = partial(frame.say, "operations.more"), frame.lang == "en"
    figures = sum(each.figures for each in found.figures)
    st.subheader(
        frame.say(
            "impact.title",
            files=len(found.batches),
            figures=f"{figures:,}",
            metrics=len(found.figures),
            release=found.release_id,
        ),
        anchor=False,
    )
    made = (
        (
            "batches",
            [join((each.file_name, tag("span", each.batch_id, class_="yb-sub"))) for each in found.batches],
        ),
        ("tables", [tag("code", each) for each in found.tables]),
        ("pages", [each.split(BILINGUAL)[is_english] for each in found.pages]),
        ("releases", [tag("code", each) for each in found.releases]),
        (
            "exports",
            [f"{each.at:%Y-%m-%d} {each.actor} {each.subject} {each.details}" for each in found.exports],
        ),
    )
    heads = [frame.say(f"impact.{key}") for key, _ in made]
    st.html(table(heads, [[folded(lines, more) for _, lines in made]]).source)
    if not found.figures:
        return
    rows = [
        (
            join(
                (each.name_en if is_english else each.name_zh, tag("span", each.metric_key, class_="yb-sub"))
            ),
            f"{each.figures:,}",
            tag("span", f"{each.first_end} – {each.last_end}", class_="yb-nowrap"),
        )
        for each in found.figures
    ]
    heads = [frame.say(f"impact.{key}") for key in ("metric", "figures", "periods")]
    st.html(table(heads, rows, right=(1,), height=640).source)
