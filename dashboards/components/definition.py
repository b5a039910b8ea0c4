"""Definition and source of a card: from the number back to the record of a file."""

from __future__ import annotations

import streamlit as st

from dashboards.components.markup import Html, definitions, tag
from dashboards.formats import day
from dashboards.i18n import OFFICES, say, translated
from dashboards.services.leader import KpiCard, KpiValue


def definition_popover(card: KpiCard, lang: str) -> None:
    """A button that opens the definition and source of every value of the card."""
    with st.popover(
        say("definition.open", lang), type="tertiary", icon=":material/info:", key=f"definition_{card.code}"
    ):
        st.html(tag("div", *(_value(value, lang) for value in card.values), class_="yb-def").source)


def _value(value: KpiValue, lang: str) -> Html:
    meaning, origin = value.definition, value.provenance
    none = say("definition.none", lang)
    record = (
        say("definition.record", lang, file=origin.file_name, record=origin.record_number)
        if origin.record_number is not None
        else origin.file_name
    )
    pairs = (
        ("definition.metric", meaning.metric),
        ("definition.definition", meaning.definition),
        ("definition.numerator", meaning.numerator),
        ("definition.denominator", meaning.denominator or none),
        ("definition.version", meaning.version),
        ("definition.variant", meaning.variant),
        ("definition.scope", meaning.scope),
        ("definition.owner", translated(OFFICES, meaning.owner, lang)),
        ("definition.origin", origin.origin),
        ("definition.quality", origin.quality),
        ("definition.break", value.break_text),
        ("definition.source", origin.source),
        ("definition.file", record),
        ("definition.batch", origin.batch_id),
        ("definition.known_on", day(origin.known_on)),
        ("definition.release", origin.release_id),
    )
    head = [tag("h4", value.scheme)] if value.scheme else []
    return tag("div", *head, definitions([(say(key, lang), text) for key, text in pairs]))
