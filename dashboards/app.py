"""The pages, as ``server.py`` serves them: ``yibao serve``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboards.components.frame import admit, run_guarded, sidebar
from dashboards.components.style import apply_style
from dashboards.i18n import say

PAGES = {  # part of the navigation → file, name of the page and its address, icon
    "leader": [("overview", "leader", "dashboard")],
    "planner": [("board", "planner", "flag")],
    "statistician": [
        ("workbench", "workbench", "table_view"),
        ("findings", "findings", "fact_check"),
        ("dictionary", "dictionary", "menu_book"),
        ("releases", "releases", "difference"),
    ],
    "operator": [("operations", "operations", "monitor_heart")],
}

st.set_page_config(page_title="医保数仓", page_icon=Path(__file__).with_name("icon.png"), layout="wide")
apply_style()
lang = sidebar()
visitor = admit(lang)
navigation = {
    say(f"nav.{part}", lang): [
        st.Page(
            f"app_pages/{part}/{file}.py",
            title=say(f"page.{name}", lang),
            icon=f":material/{icon}:",
            url_path=name,
            default=name == "leader",
        )
        for file, name, icon in PAGES[part]
    ]
    for part in visitor.parts
}
page = st.navigation(navigation)
run_guarded(page.run)
