"""The table of counties behind a card."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from dashboards import formats
from dashboards.components.frame import Frame
from dashboards.components.markup import table, tag
from dashboards.services.leader import CountyRow

HEIGHT = 480


def county_table(rows: Sequence[CountyRow], frame: Frame) -> None:
    """One line per county, scheme and scope: now, last year, the province."""
    lang = frame.lang

    def number(value: Decimal | None, row: CountyRow, words: str | None = None) -> str:
        return formats.value(value, words, row.decimals, row.unit, lang)

    lines = [
        (
            tag("span", row.region, class_="yb-nowrap"),
            tag("span", row.scheme, class_="yb-nowrap"),
            tag("span", row.scope, class_="yb-nowrap"),
            formats.period(row.period_basis, row.period_start, row.period_end, lang),
            number(row.shown_value, row, row.qualifier),
            number(row.shown_last_year, row),
            number(row.shown_province, row),
        )
        for row in rows
    ]
    keys = ("county", "scheme", "scope", "period", "value", "last_year", "province")
    heads = [frame.say(f"column.{key}") for key in keys]
    st.html(table(heads, lines, right=(4, 5, 6), height=HEIGHT).source)
