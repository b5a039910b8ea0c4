"""The pages: ``streamlit run dashboards/app.py``, or ``yibao serve``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboards.components.frame import run_guarded, sidebar
from dashboards.components.style import apply_style
from dashboards.i18n import say

st.set_page_config(page_title="医保数仓", page_icon=Path(__file__).with_name("icon.png"), layout="wide")
apply_style()
lang = sidebar()
page = st.navigation(
    {
        say("nav.leader", lang): [
            st.Page(
                "app_pages/leader/overview.py",
                title=say("page.leader", lang),
                icon=":material/dashboard:",
                url_path="leader",
                default=True,
            )
        ],
        say("nav.planner", lang): [
            st.Page(
                "app_pages/planner/board.py",
                title=say("page.planner", lang),
                icon=":material/flag:",
                url_path="planner",
            )
        ],
        say("nav.statistician", lang): [
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
        ],
    }
)
run_guarded(page.run)
