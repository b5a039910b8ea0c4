"""The table of figures that differ between two releases."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.components.frame import Frame
from dashboards.components.markup import Html, badge, join, table, tag
from dashboards.services.comparison import Difference, reason_name

HEIGHT = 640


def difference_table(differences: Sequence[Difference], frame: Frame) -> None:
    """One line per figure: what it is, the old and the new value, and why they differ."""
    heads = [
        frame.say(key)
        for key in (
            "column.metric",
            "findings.where",
            "column.period",
            "releases.old_value",
            "releases.new_value",
            "releases.reason",
            "releases.status",
        )
    ]
    lines = [_line(each, frame) for each in differences]
    st.html(table(heads, lines, right=(3, 4), wide=1, height=HEIGHT).source)


def _line(each: Difference, frame: Frame) -> tuple[Html | str, ...]:
    return (
        join((each.metric, tag("span", f"{each.metric_key} · {each.variant}", class_="yb-sub"))),
        join((each.region, tag("span", f"{each.scheme} · {each.scope} · {each.origin}", class_="yb-sub"))),
        tag("span", each.period, class_="yb-nowrap"),
        each.old_value,
        each.new_value,
        tag("span", badge(reason_name(each.reason, frame.lang)), class_="yb-nowrap"),
        join((each.statuses, tag("span", each.deliveries, class_="yb-sub yb-folds"))),
    )
