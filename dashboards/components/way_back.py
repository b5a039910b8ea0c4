"""The way of one value back: numerator, denominator, the tables between, the files."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

import streamlit as st

from dashboards import formats
from dashboards.components import url_state
from dashboards.components.frame import Frame
from dashboards.components.markup import Html, definitions, folded, join, tag
from dashboards.i18n import pick
from dashboards.services.leader import DrillRow
from warehouse.query.trace import SPANS, Origin, Part, TracedValue, trace_value

NONE = ""


def way_back(rows: Sequence[DrillRow], frame: Frame) -> None:
    """A list of the values of a drill table; the chosen one is led back to its files."""
    by_key = {row.value_key: row for row in rows}
    labels = {NONE: frame.say("way.none")} | {key: _label(row, frame.lang) for key, row in by_key.items()}
    chosen = url_state.select("value", frame.say("way.choose"), list(labels), labels.__getitem__, width=640)
    found = trace_value(frame.connection, chosen) if chosen else None
    if found is not None:
        pairs = [(frame.say("way.value"), _value(by_key[chosen], frame.lang)), *_pairs(found, frame)]
        st.html(tag("div", definitions(pairs), class_="yb-def").source)


def _label(row: DrillRow, lang: str) -> str:
    period = formats.period(row.period_basis, row.period_start, row.period_end, lang)
    return " · ".join(each for each in (period, row.scheme, row.scope, row.metric, row.status) if each)


def _value(row: DrillRow, lang: str) -> Html | str:
    return formats.value(row.shown_value, row.qualifier, row.decimals, row.unit, lang)


def _pairs(found: TracedValue, frame: Frame) -> list[tuple[str, Html | str]]:
    pairs: list[tuple[str, Html | str]] = []
    amounts = (found.numerator, found.denominator)
    for position, key in enumerate(("way.numerator", "way.denominator")):
        if position < len(found.parts):
            pairs.append((frame.say(key), _part(found.parts[position], frame.lang)))
        elif not found.parts and amounts[1] is not None:
            pairs.append((frame.say(key), _number(amounts[position])))
    more = partial(frame.say, "operations.more")
    origins = [_origin(each, bool(found.parts), frame) for each in found.origins]
    pairs.append((frame.say("way.tables"), folded([tag("code", each) for each in found.models], more)))
    pairs.append((frame.say("way.files"), folded(origins, more)))
    return pairs


def _part(part: Part, lang: str) -> Html:
    name = part.name_en if lang == "en" else part.name_zh
    made_of = f"{pick(SPANS[part.span], lang)} · {part.mart or 'reference'} ← {', '.join(part.feeds)}"
    return join((f"{_number(part.value)} · {name}", tag("span", made_of, class_="yb-sub")))


def _origin(origin: Origin, counts_rows: bool, frame: Frame) -> Html:
    number = frame.say("way.rows" if counts_rows else "way.record", number=origin.number)
    named = f"{origin.file_name} · {number}" if origin.number else origin.file_name
    return join((named, tag("span", origin.batch_id, class_="yb-sub")))


def _number(value: Decimal | None) -> str:
    return "—" if value is None else f"{value.normalize():f}"
