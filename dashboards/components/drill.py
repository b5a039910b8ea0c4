"""The table of published values behind a card."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards import formats
from dashboards.components.frame import Frame
from dashboards.components.markup import join, table, tag
from dashboards.services.leader import DrillRow

HEIGHT = 480


def drill_table(rows: Sequence[DrillRow], frame: Frame) -> None:
    """One line per published value; a bound is shown by its words."""
    keys = ("period", "scheme", "value", "status", "scope", "quality", "source", "record")
    lang = frame.lang
    lines = [
        (
            tag(
                "span",
                formats.period(row.period_basis, row.period_start, row.period_end, lang),
                class_="yb-nowrap",
            ),
            tag("span", row.scheme, class_="yb-nowrap"),
            formats.value(row.shown_value, row.qualifier, row.decimals, row.unit, lang),
            tag("span", row.status, class_="yb-nowrap"),
            tag("span", row.scope, class_="yb-nowrap"),
            frame.words.flags(row.quality_flag, "; " if lang == "en" else "；"),
            join((row.metric, tag("span", row.source or "—", class_="yb-sub"))),
            row.record or "—",
        )
        for row in rows
    ]
    heads = [frame.say(f"column.{key}") for key in keys]
    st.html(table(heads, lines, right=(2,), wide=6, height=HEIGHT).source)
