"""Leader: six indicators of a region on one page, their trend and the values behind them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components import url_state
from dashboards.components.county_table import county_table
from dashboards.components.drill import drill_table
from dashboards.components.export import export_buttons
from dashboards.components.frame import Frame, open_frame, show_trust
from dashboards.components.kpi_card import kpi_cards
from dashboards.components.markup import tag
from dashboards.components.origin_switch import origin_switch
from dashboards.components.way_back import way_back
from dashboards.services import leader
from dashboards.services.records import fetch_table


def show(frame: Frame) -> None:
    """The page."""
    names = {code: leader.region_name(frame.connection, code, frame.lang) for code in leader.REGIONS}
    region = url_state.segmented(
        "region",
        frame.say("leader.region"),
        leader.REGIONS,
        lambda code: names[code],
        label_visibility="collapsed",
    )
    origin = origin_switch(leader.load_origins(frame.connection, region), frame)
    overview = leader.load_overview(
        frame.connection, frame.release.release_id, region, origin, frame.words, frame.lang
    )
    st.title(overview.title, anchor=False)
    show_trust(frame)
    if not overview.cards:
        return
    kpi_cards(overview.cards, frame.lang)
    notes = [
        f"{frame.say('leader.note', note=number)} {text}"
        for number, text in enumerate(overview.notes, start=1)
    ]
    st.html(tag("ul", *(tag("li", note) for note in notes), class_="yb-notes").source)
    _trend(frame, region, origin, names[region], overview)


def _trend(frame: Frame, region: str, origin: str, region_name: str, overview: leader.Overview) -> None:
    # imported here: Altair takes two seconds the first time, and the cards need not wait for it
    from dashboards.components.trend_chart import trend_chart

    titles = {card.code: card.title for card in overview.cards}
    card = url_state.select(
        "card", frame.say("leader.chart_card"), list(titles), lambda code: titles[code], width=320
    )
    trend = leader.load_trend(frame.connection, region, card, origin, frame.words, frame.lang)
    trend_chart(trend, region_name, titles[card], frame)
    with st.container(key="drill"):
        st.subheader(frame.say("leader.drill"), anchor=False)
        values = leader.load_drill(frame.connection, region, card, origin, frame.lang)
        drill_table(values, frame)
        way_back(values, frame)
    counties = leader.load_counties(frame.connection, card, origin, frame.lang)
    if counties and region == leader.REGIONS[0]:
        with st.container(key="counties"):
            st.subheader(frame.say("leader.counties"), anchor=False)
            county_table(counties, frame)
    stem = f"{region_name}-{frame.release.release_id}"
    load = partial(fetch_table, frame.connection, lang=frame.lang, region=region, origin=origin)
    with st.container(key="export", horizontal=True):
        cards, drill = frame.say("leader.export_cards"), frame.say("leader.export_drill")
        export_buttons(frame, cards, partial(load, "leader_kpi_export"), f"{cards}-{stem}")
        export_buttons(frame, drill, partial(load, "leader_drill", card=card), f"{titles[card]}-{stem}")


show(open_frame())
