"""The table of findings."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards import theme
from dashboards.components.frame import Frame
from dashboards.components.markup import Html, join, mark, table, tag
from dashboards.formats import day
from dashboards.i18n import CHECKS, known
from dashboards.services.findings import Finding

HEIGHT = 640
SIDES = {"revision": ("findings.quick", "findings.bulletin")}


def finding_table(findings: Sequence[Finding], frame: Frame) -> None:
    """One line per finding: where, what was expected, what was printed, and the record it stands in."""
    heads = [
        frame.say(key)
        for key in (
            "findings.severity",
            "findings.check",
            "column.metric",
            "findings.where",
            "column.period",
            "findings.expected",
            "findings.found",
            "findings.difference",
            "column.record",
        )
    ]
    lines = [_line(each, frame) for each in findings]
    st.html(table(heads, lines, right=(5, 6, 7), wide=2, height=HEIGHT).source)


def _side(amount: str, each: Finding, frame: Frame, position: int) -> Html | str:
    """A value, and where both sides are prints, which of them it is."""
    sides = SIDES.get(each.check_code)
    return join((amount, tag("span", frame.say(sides[position]), class_="yb-sub"))) if sides else amount


def _line(each: Finding, frame: Frame) -> tuple[Html | str, ...]:
    symbol, colour = theme.SEVERITIES.get(each.severity, theme.UNKNOWN)
    record = "" if each.record_number is None else f" #{each.record_number}"
    return (
        tag("span", mark(symbol, each.severity_text, colour), class_="yb-nowrap"),
        known(CHECKS, each.check_code, frame.lang),
        join((each.metric or "—", tag("span", each.message or "", class_="yb-sub"))),
        join((each.region or "—", tag("span", each.scheme or "", class_="yb-sub"))),
        tag("span", day(each.period_end), class_="yb-nowrap"),
        _side(each.amount(each.expected), each, frame, 0),
        _side(each.amount(each.found), each, frame, 1),
        each.gap(frame.lang),
        join((each.file_name or "—", record)),
    )
