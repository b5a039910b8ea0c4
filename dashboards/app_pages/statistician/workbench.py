"""Statistician: queries on a release of one's choice, and the catalogue of what it holds."""

from __future__ import annotations

import streamlit as st

from dashboards.components import url_state
from dashboards.components.catalogue_view import catalogue_view
from dashboards.components.frame import language, open_frame, show_trust
from dashboards.components.query_box import query_box
from dashboards.i18n import say
from dashboards.services import releases
from warehouse.settings import load_settings


def show() -> None:
    """The page."""
    lang = language()
    ids = releases.release_ids(load_settings())
    st.title(say("workbench.title", lang), anchor=False)
    chosen = url_state.select(
        "release",
        say("workbench.release", lang),
        ids,
        lambda code: say("workbench.current", lang, release=code) if code == ids[0] else code,
        width=420,
    )
    frame = open_frame(chosen)
    show_trust(frame)
    query_tab, catalogue_tab = st.tabs([frame.say("workbench.query"), frame.say("workbench.catalogue")])
    with query_tab:
        query_box(frame)
    with catalogue_tab:
        catalogue_view(frame)


show()
