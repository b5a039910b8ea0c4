"""The pages, as ``server.py`` serves them: ``yibao serve``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboards.components.frame import admit, run_guarded, sidebar
from dashboards.components.style import apply_style, speak
from dashboards.i18n import DEFAULT_LANGUAGE, say
from dashboards.navigation import FIRST, PAGES

ICON = Path(__file__).with_name("icon.png")

st.set_page_config(page_title=say("app.title", DEFAULT_LANGUAGE), page_icon=ICON, layout="wide")
apply_style()
lang = sidebar()
speak(lang)
visitor = admit(lang)
navigation = {
    say(f"nav.{part}", lang): [
        st.Page(
            f"app_pages/{part}/{file}.py",
            title=say(f"page.{name}", lang),
            icon=f":material/{icon}:",
            url_path=name,
            default=name == FIRST,
        )
        for file, name, icon in PAGES[part]
    ]
    for part in visitor.parts
}
page = st.navigation(navigation)
st.set_page_config(page_title=f"{page.title} · {say('app.title', lang)}", page_icon=ICON, layout="wide")
run_guarded(page.run)
