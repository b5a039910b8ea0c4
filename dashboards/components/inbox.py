"""The inbox of alerts: what is open, since when, and when it was last looked at."""

from __future__ import annotations

import streamlit as st

from dashboards import theme
from dashboards.components.frame import Frame
from dashboards.components.markup import Html, mark, table, tag
from dashboards.i18n import pick
from dashboards.services.inbox import Alert, open_alerts

HEIGHT = 640


def inbox(frame: Frame) -> None:
    """One line per open episode, the most severe first."""
    st.caption(frame.say("operations.alerts_how"))
    found = open_alerts(frame.settings, frame.lang)
    if not found:
        st.success(frame.say("operations.no_alerts"), icon=":material/check_circle:")
        return
    heads = [
        frame.say(f"operations.{key}") for key in ("severity", "alert", "first_seen", "last_seen", "seen_in")
    ]
    rows = [
        (
            _severity(each, frame.lang),
            each.message,
            tag("span", f"{each.first_seen_at.astimezone():%Y-%m-%d %H:%M}", class_="yb-nowrap"),
            tag("span", f"{each.last_seen_at.astimezone():%Y-%m-%d %H:%M}", class_="yb-nowrap"),
            frame.say("operations.seen_evaluations", count=each.times_seen),
        )
        for each in found
    ]
    st.html(table(heads, rows, wide=1, height=HEIGHT).source)


def _severity(each: Alert, lang: str) -> Html:
    symbol, colour = theme.ALERTS.get(each.severity, theme.UNKNOWN)
    return tag("span", mark(symbol, pick(each.severity_text, lang), colour), class_="yb-nowrap")
