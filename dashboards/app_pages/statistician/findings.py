"""Statistician: checks that do not hold, with both sides and the record they stand in."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components import url_state
from dashboards.components.export import export_buttons
from dashboards.components.finding_table import finding_table
from dashboards.components.frame import Frame, open_frame, show_trust
from dashboards.i18n import CHECKS, known
from dashboards.services import findings
from dashboards.services.records import fetch_table


def show(frame: Frame) -> None:
    """The page."""
    groups = findings.load_groups(frame.connection, frame.lang)
    st.title(findings.title(groups, frame.lang), anchor=False)
    show_trust(frame)
    if not groups:
        return
    severity, check = _filters(frame, groups)
    with st.expander(frame.say("findings.how"), icon=":material/help:"):
        st.markdown(frame.say("findings.how_body"))
    total = findings.chosen_count(groups, severity, check)
    if total > findings.SHOWN:
        st.caption(frame.say("findings.cut", shown=findings.SHOWN, total=total))
    finding_table(findings.load_findings(frame.connection, severity, check, frame.lang), frame)
    name = frame.say("page.findings")
    load = partial(
        fetch_table,
        frame.connection,
        "finding",
        lang=frame.lang,
        severity=severity,
        check=check,
        row_limit=findings.ALL_ROWS,
    )
    with st.container(key="export"):
        export_buttons(frame, name, load, f"{name}-{frame.release.release_id}")


def _filters(frame: Frame, groups: list[findings.FindingGroup]) -> tuple[str, str]:
    every = frame.say("planner.all")
    severities = {"all": every} | {group.severity: group.severity_text for group in groups}
    checks = {"all": every} | {
        group.check_code: known(CHECKS, group.check_code, frame.lang) for group in groups
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        severity = url_state.segmented(
            "severity", frame.say("findings.severity"), list(severities), lambda code: severities[code]
        )
        check = url_state.select(
            "check", frame.say("findings.check"), list(checks), lambda code: checks[code], width=320
        )
    return severity, check


show(open_frame())
