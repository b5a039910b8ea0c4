"""The leader page: six indicators of a region, their trends, and the values behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

import duckdb

from dashboards import formats
from dashboards.i18n import say
from dashboards.services.records import fetch
from dashboards.services.words import Words

REGIONS = ("460000", "000000")
TITLE_CARD = "payable_months"
SEASONAL_CARD = "current_balance"
PUBLISHED, SYNTHETIC = "published", "synthetic"


@dataclass(frozen=True)
class Region:
    """A region by name."""

    name: str


@dataclass(frozen=True)
class KpiRow:
    """One row of the leader page: a value with everything that is known about it."""

    card_code: str
    card: str
    scheme_code: str
    variant: str
    fund_scope: str
    period_basis: str
    period_start: date
    period_end: date
    data_origin: str
    report_status: str
    known_on: date
    shown_value: Decimal | None
    qualifier: str | None
    decimals: int
    unit: str
    change_kind: str
    shown_change: Decimal | None
    previous_period_end: date | None
    break_: str | None
    target_text: str | None
    plan_status: str | None
    plan_verdict: str | None
    plan_origin: str | None
    signal: str | None
    signal_text: str | None
    quality_flag: str
    is_unconfirmed: bool
    is_computed: bool
    metric: str
    definition: str | None
    numerator: str | None
    denominator: str | None
    owner: str
    definition_version: str
    source: str | None
    file_name: str | None
    record_number: int | None
    batch_id: str | None


@dataclass(frozen=True)
class Provenance:
    """Where a value comes from, down to the record of a file."""

    release_id: str
    source: str
    file_name: str
    record_number: int | None
    batch_id: str
    known_on: date
    origin: str
    quality: str


@dataclass(frozen=True)
class Definition:
    """What a value means."""

    metric: str
    definition: str
    numerator: str
    denominator: str
    version: str
    variant: str
    scope: str
    owner: str


@dataclass(frozen=True)
class KpiValue:
    """A value as a card shows it; a card takes nothing else, so no number appears without its provenance.

    ``text`` is the printed words for a bound or an approximate figure and the number otherwise. ``note``
    numbers the break that makes the value incomparable; a break before the compared year has no note.
    """

    scheme: str
    scope: str
    text: str
    unit: str
    period: str
    status: str
    change: str
    signal: str | None
    signal_text: str
    caption: str
    target: str
    plan_status: str
    plan_verdict: str
    is_unconfirmed: bool
    is_computed: bool
    is_synthetic: bool
    note: int | None
    break_text: str
    definition: Definition
    provenance: Provenance


@dataclass(frozen=True)
class KpiCard:
    """One indicator: one value, or one per fund, side by side."""

    code: str
    title: str
    values: tuple[KpiValue, ...]


@dataclass(frozen=True)
class Overview:
    """The upper half of the leader page."""

    title: str
    cards: tuple[KpiCard, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class TrendRow:
    """One published value of a trend."""

    scheme_code: str
    metric_key: str
    metric: str
    variant: str
    variant_text: str | None
    fund_scope: str
    period_basis: str
    period_start: date
    period_end: date
    report_status: str
    segment: int
    shown_value: Decimal
    qualifier: str | None
    decimals: int
    unit: str


@dataclass(frozen=True)
class TrendPoint:
    """A point of the chart; points with the same ``line`` may be joined."""

    line: str
    series: str
    scheme_code: str
    fund_scope: str
    metric: str
    period_end: date
    period: str
    value: Decimal
    text: str
    status_code: str
    status: str


@dataclass(frozen=True)
class Break:
    """A date at which a series breaks, and why."""

    break_date: date
    scheme_code: str
    reason: str


@dataclass(frozen=True)
class Trend:
    """The main chart: its points, the breaks between them, and its unit."""

    points: tuple[TrendPoint, ...]
    breaks: tuple[Break, ...]
    unit: str


@dataclass(frozen=True)
class DrillRow:
    """One value behind a card, with its source."""

    scheme: str
    metric: str
    period_basis: str
    period_start: date
    period_end: date
    shown_value: Decimal | None
    qualifier: str | None
    decimals: int
    unit: str
    status: str
    scope: str
    quality_flag: str
    source: str | None
    record: str | None
    value_key: str
    known_on: date
    release_id: str


@dataclass(frozen=True)
class CountyRow:
    """One county's value of a card, beside last year's and the province's."""

    region: str
    scheme: str
    scope: str
    metric: str
    period_basis: str
    period_start: date
    period_end: date
    shown_value: Decimal | None
    qualifier: str | None
    shown_last_year: Decimal | None
    shown_province: Decimal | None
    decimals: int
    unit: str


@dataclass(frozen=True)
class Origin:
    """Where values come from: published, platform or synthetic."""

    origin: str


def region_name(connection: duckdb.DuckDBPyConnection, region: str, lang: str) -> str:
    """The name of a region in ``lang``; its code where the release does not know it."""
    found = fetch(connection, "region_name", Region, lang, region=region)
    return found[0].name if found else region


def load_overview(
    connection: duckdb.DuckDBPyConnection,
    release_id: str,
    region: str,
    origin: str,
    words: Words,
    lang: str,
) -> Overview:
    """The cards of ``region``, the title that states the finding, and the notes the cards refer to."""
    rows = fetch(connection, "leader_kpi", KpiRow, lang, region=region, origin=origin)
    notes = tuple(dict.fromkeys(row.break_ for row in rows if row.break_ and row.shown_change is None))
    cards = tuple(
        KpiCard(code, title, tuple(_value(row, release_id, notes, words, lang) for row in members))
        for (code, title), members in groupby(rows, key=lambda row: (row.card_code, row.card))
    )
    return Overview(_title(region_name(connection, region, lang), cards, lang), cards, notes)


def load_trend(
    connection: duckdb.DuckDBPyConnection, region: str, card: str, origin: str, words: Words, lang: str
) -> Trend:
    """The values of a card over time, by month where they come from feeds; bounds are left out."""
    rows = fetch(connection, "leader_trend", TrendRow, lang, region=region, card=card, origin=origin)
    scopes = {(row.scheme_code, row.fund_scope) for row in rows}
    split = {scheme for scheme, _ in scopes if len([one for one, _ in scopes if one == scheme]) > 1}
    return Trend(
        points=tuple(_point(row, row.scheme_code in split, words, lang) for row in rows),
        breaks=tuple(fetch(connection, "leader_break", Break, lang, region=region, card=card, origin=origin)),
        unit=rows[0].unit if rows else "",
    )


def load_drill(
    connection: duckdb.DuckDBPyConnection, region: str, card: str, origin: str, lang: str
) -> tuple[DrillRow, ...]:
    """Every value behind a card, newest first, bounds included."""
    return tuple(fetch(connection, "leader_drill", DrillRow, lang, region=region, card=card, origin=origin))


def load_counties(
    connection: duckdb.DuckDBPyConnection, card: str, origin: str, lang: str
) -> tuple[CountyRow, ...]:
    """The newest value of a card by county; none where the origin has no counties."""
    return tuple(fetch(connection, "leader_county", CountyRow, lang, card=card, origin=origin))


def load_origins(connection: duckdb.DuckDBPyConnection, region: str) -> list[str]:
    """The origins that have values of a region, published first."""
    return [row.origin for row in fetch(connection, "leader_origin", Origin, "zh", region=region)]


def _value(row: KpiRow, release_id: str, notes: tuple[str, ...], words: Words, lang: str) -> KpiValue:
    is_broken = bool(row.break_) and row.shown_change is None
    return KpiValue(
        scheme="" if row.scheme_code == "all" else words.of("scheme", row.scheme_code),
        scope="" if row.fund_scope == "all" else words.of("fund_scope", row.fund_scope),
        text=formats.value(row.shown_value, row.qualifier, row.decimals, row.unit, lang, shows_unit=False),
        unit="" if row.qualifier or row.shown_value is None else row.unit,
        period=formats.period(row.period_basis, row.period_start, row.period_end, lang),
        status=words.of("report_status", row.report_status),
        change=formats.change(row.change_kind, row.shown_change, row.unit, row.decimals, lang),
        signal=row.signal,
        signal_text=row.signal_text or "",
        caption=_caption(row, lang),
        target=say("leader.target", lang, target=row.target_text) if row.target_text else "",
        plan_status=row.plan_status or "",
        plan_verdict=_plan_verdict(row, words, lang),
        is_unconfirmed=row.is_unconfirmed,
        is_computed=row.is_computed,
        is_synthetic=row.data_origin == SYNTHETIC,
        note=notes.index(row.break_) + 1 if is_broken and row.break_ else None,
        break_text=row.break_ or "",
        definition=Definition(
            metric=row.metric,
            definition=row.definition or "",
            numerator=row.numerator or "",
            denominator=row.denominator or "",
            version=row.definition_version,
            variant=row.variant,
            scope=words.of("fund_scope", row.fund_scope),
            owner=row.owner,
        ),
        provenance=Provenance(
            release_id=release_id,
            source=row.source or "",
            file_name=row.file_name or "",
            record_number=row.record_number,
            batch_id=row.batch_id or "",
            known_on=row.known_on,
            origin=words.of("data_origin", row.data_origin),
            quality=words.flags(row.quality_flag, "; " if lang == "en" else "；"),
        ),
    )


def _plan_verdict(row: KpiRow, words: Words, lang: str) -> str:
    """The verdict of the planner page in words, with the origin of the figure that it rests on."""
    if not row.plan_verdict:
        return ""
    origin = _in_brackets(words.of("data_origin", row.plan_origin), lang) if row.plan_origin else ""
    return say("leader.plan_verdict", lang, verdict=row.plan_verdict + origin)


def _caption(row: KpiRow, lang: str) -> str:
    if row.card_code == SEASONAL_CARD and row.scheme_code == "resident" and row.period_basis == "ytd":
        return say("leader.seasonal", lang)
    if row.shown_value is None and row.data_origin != PUBLISHED:
        return say("leader.withheld", lang)
    if row.qualifier:
        return say("leader.bound" if row.shown_value is None else "leader.approximate", lang)
    return ""


def _title(region: str, cards: tuple[KpiCard, ...], lang: str) -> str:
    """The finding in one line: the payable months of both funds, each with its date."""
    if not cards:
        return say("leader.title_empty", lang, region=region)
    card = next((one for one in cards if one.code == TITLE_CARD), cards[0])
    periods = {value.period for value in card.values}
    parts = [_title_part(value, with_period=len(periods) > 1, lang=lang) for value in card.values]
    shared = "" if len(periods) > 1 else _in_brackets(card.values[0].period, lang)
    return say("leader.title", lang, region=region, card=card.title, values=" | ".join(parts) + shared)


def _title_part(value: KpiValue, *, with_period: bool, lang: str) -> str:
    amount = formats.with_unit(value.text, value.unit)
    named = f"{value.scheme} {amount}" if value.scheme else amount
    return named + (_in_brackets(value.period, lang) if with_period else "")


def _in_brackets(text: str, lang: str) -> str:
    return f" ({text})" if lang == "en" else f"（{text}）"


def _point(row: TrendRow, with_scope: bool, words: Words, lang: str) -> TrendPoint:
    scheme = words.of("scheme", row.scheme_code)
    scope = words.of("fund_scope", row.fund_scope)
    status = words.of("report_status", row.report_status)
    return TrendPoint(
        line="|".join(
            (
                row.scheme_code,
                row.metric_key,
                row.variant,
                row.fund_scope,
                row.period_basis,
                row.report_status,
                str(row.segment),
            )
        ),
        series=f"{scheme} · {scope}" if with_scope else scheme,
        scheme_code=row.scheme_code,
        fund_scope=row.fund_scope,
        metric=f"{row.metric} · {row.variant_text}" if row.variant_text else row.metric,
        period_end=row.period_end,
        period=formats.period(row.period_basis, row.period_start, row.period_end, lang),
        value=row.shown_value,
        text=formats.value(row.shown_value, row.qualifier, row.decimals, row.unit, lang),
        status_code=row.report_status,
        status=status,
    )
