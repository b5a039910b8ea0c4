"""A card of one indicator. It takes frozen values with their provenance; it cannot draw a bare number."""

from __future__ import annotations

import streamlit as st

from dashboards import theme
from dashboards.components.definition import definition_popover
from dashboards.components.markup import Html, badge, mark, tag
from dashboards.i18n import pick, say
from dashboards.services.leader import KpiCard, KpiValue

CARDS_A_ROW = 3


def kpi_cards(cards: tuple[KpiCard, ...], lang: str) -> None:
    """The cards in rows, each with its definition and source to open."""
    with st.container(key="cards"):
        for first in range(0, len(cards), CARDS_A_ROW):
            for column, card in zip(
                st.columns(CARDS_A_ROW), cards[first : first + CARDS_A_ROW], strict=False
            ):
                with column, st.container(border=True, height="stretch", gap="xsmall"):
                    st.html(_card(card, lang).source)
                    definition_popover(card, lang)


def _card(card: KpiCard, lang: str) -> Html:
    halves = tag("div", *(_half(value, lang) for value in card.values), class_="yb-halves")
    return tag("section", tag("h3", card.title), halves, class_="yb-card", aria_label=card.title)


def _half(value: KpiValue, lang: str) -> Html:
    number = tag(
        "div", value.text, *([" ", tag("small", value.unit)] if value.unit else []), class_="yb-number"
    )
    lines: list[Html] = [
        *([_whose(value)] if value.scheme or value.scope else []),
        number,
        tag("div", value.period, class_="yb-period"),
        tag("div", value.change),
        *([_signal(value, lang)] if value.signal else []),
        *([tag("div", value.target)] if value.target else []),
        *([_plan(value)] if value.plan_verdict else []),
        *([tag("div", value.caption)] if value.caption else []),
        *([tag("span", value.provenance.origin, class_="yb-watermark")] if value.is_synthetic else []),
        tag("div", *_badges(value, lang), class_="yb-badges"),
    ]
    return tag("div", *lines, class_="yb-half")


def _whose(value: KpiValue) -> Html:
    """The scheme, and which part of its fund: with the personal accounts or the pool alone."""
    scope = tag("span", value.scope, class_="yb-scope")
    return tag(
        "div",
        *filter(None, (value.scheme, value.scheme and value.scope and " · ", value.scope and scope)),
        class_="yb-scheme",
    )


def _signal(value: KpiValue, lang: str) -> Html:
    sign = theme.SIGNALS.get(value.signal or "")
    if sign is None:
        symbol, colour = theme.UNKNOWN
        return tag("div", mark(symbol, value.signal_text, colour))
    word = pick(sign.word, lang)
    separator = ": " if lang == "en" else "："
    return tag("div", mark(sign.symbol, f"{word}{separator}{value.signal_text}", sign.colour))


def _plan(value: KpiValue) -> Html:
    """The planner page's verdict on the same indicator: one judge, seen from two pages."""
    symbol, colour = theme.VERDICTS.get(value.plan_status, theme.UNKNOWN)
    return tag("div", mark(symbol, value.plan_verdict, colour))


def _badges(value: KpiValue, lang: str) -> list[Html]:
    badges = [badge(value.status)]
    if value.is_computed:
        badges.append(badge(say("leader.computed", lang), title=value.definition.variant))
    if value.is_unconfirmed:
        badges.append(badge(say("leader.unconfirmed", lang), "caution", value.provenance.quality))
    if value.note is not None:
        badges.append(badge(say("leader.broken", lang, note=value.note), "caution", value.break_text))
    return badges
