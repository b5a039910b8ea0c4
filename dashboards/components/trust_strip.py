"""The line above every page that says what its numbers rest on."""

from __future__ import annotations

import streamlit as st

from dashboards.components.markup import Html, join, tag
from dashboards.formats import day
from dashboards.i18n import say
from dashboards.services.releases import Trust


def trust_strip(trust: Trust, lang: str) -> None:
    """Release, dates, origin and number of findings."""
    parts = (
        ("trust.release", trust.release_id),
        ("trust.data_to", day(trust.data_to)),
        ("trust.known_on", day(trust.known_on)),
        ("trust.origin", " ".join(trust.origins)),
        ("trust.findings", say("trust.findings_value", lang, count=trust.findings)),
    )
    st.html(tag("div", *(_part(say(key, lang), text) for key, text in parts), class_="yb-trust").source)


def _part(term: str, text: str) -> Html:
    return tag("span", join((term, " ", tag("b", text))))
