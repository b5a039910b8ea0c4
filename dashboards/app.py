"""The pages, as ``server.py`` serves them: ``yibao serve``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboards.components.frame import admit, run_guarded, sidebar
from dashboards.components.style import apply_style
from dashboards.i18n import say

st.set_page_config(page_title="医保数仓", page_icon=Path(__file__).with_name("icon.png"), layout="wide")
apply_style()
lang = sidebar()
visitor = admit(lang)
parts = {
    "leader": [
        st.Page(
            "app_pages/leader/overview.py",
            title=say("page.leader", lang),
            icon=":material/dashboard:",
            url_path="leader",
            default=True,
        )
    ],
    "planner": [
        st.Page(
            "app_pages/planner/board.py",
            title=say("page.planner", lang),
            icon=":material/flag:",
            url_path="planner",
        )
    ],
    "statistician": [
        st.Page(
            "app_pages/statistician/workbench.py",
            title=say("page.workbench", lang),
            icon=":material/table_view:",
            url_path="workbench",
        ),
        st.Page(
            "app_pages/statistician/findings.py",
            title=say("page.findings", lang),
            icon=":material/fact_check:",
            url_path="findings",
        ),
        st.Page(
            "app_pages/statistician/dictionary.py",
            title=say("page.dictionary", lang),
            icon=":material/menu_book:",
            url_path="dictionary",
        ),
        st.Page(
            "app_pages/statistician/releases.py",
            title=say("page.releases", lang),
            icon=":material/difference:",
            url_path="releases",
        ),
    ],
    "operator": [
        st.Page(
            "app_pages/operator/operations.py",
            title=say("page.operations", lang),
            icon=":material/monitor_heart:",
            url_path="operations",
        )
    ],
}
page = st.navigation({say(f"nav.{part}", lang): parts[part] for part in visitor.parts})
run_guarded(page.run)
