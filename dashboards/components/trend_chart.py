"""The main chart of the leader page: published values over time, joined only where they are comparable."""

from __future__ import annotations

from typing import Any

import altair as alt
import streamlit as st

from dashboards import theme
from dashboards.components.frame import Frame
from dashboards.components.markup import tag
from dashboards.services.leader import Trend, TrendPoint

HEIGHT = 280
YEAR_LABEL = "month(datum.value) == 11 ? timeFormat(datum.value, '%Y') : timeFormat(datum.value, '%Y-%m')"


def trend_chart(trend: Trend, region: str, card: str, frame: Frame) -> None:
    """The chart with the rules of its breaks, or a sentence where only bounds have been published."""
    st.subheader(
        frame.say("leader.chart_title", region=region, card=card, unit=trend.unit)
        if trend.unit
        else f"{region}{' ' if frame.lang == 'en' else ''}{card}",
        anchor=False,
    )
    if not trend.points:
        st.info(frame.say("leader.chart_none"), icon=":material/info:")
        return
    dates = sorted(trend.points, key=lambda point: point.period_end)
    alt_text = frame.say(
        "leader.chart_alt",
        region=region,
        card=card,
        count=len(dates),
        first=dates[0].period,
        last=dates[-1].period,
        unit=trend.unit,
    )
    st.altair_chart(_chart(trend, frame), width="stretch", alt=alt_text)
    notes = [f"{each.break_date.isoformat()} {each.reason}" for each in trend.breaks]
    lines = [frame.say("leader.chart_how"), *dict.fromkeys(notes)]
    st.html(tag("ul", *(tag("li", line) for line in lines), class_="yb-notes").source)


def _chart(trend: Trend, frame: Frame) -> alt.LayerChart:
    series = sorted({(point.scheme_code, point.fund_scope, point.series) for point in trend.points})
    names = [name for *_, name in series]
    colours = [theme.series_colour(scheme, scope) for scheme, scope, _ in series]
    states = sorted({(point.status_code, point.status) for point in trend.points})
    base = alt.Chart(alt.Data(values=[_row(point) for point in trend.points])).encode(
        x=alt.X("day:T", axis=_time_axis(trend.points), title=None, scale=alt.Scale(padding=24)),
        y=alt.Y(
            "value:Q", title=trend.unit, scale=alt.Scale(zero=trend.unit != "%" or len(trend.points) < 4)
        ),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=names, range=colours),
            legend=alt.Legend(title=None, orient="top") if len(names) > 1 else None,
        ),
    )
    line = base.mark_line(strokeWidth=2).encode(
        detail="line:N",
        strokeDash=alt.StrokeDash(
            "status:N",
            scale=alt.Scale(
                domain=[name for _, name in states],
                range=[theme.STATUS_DASHES.get(code, [1, 0]) for code, _ in states],
            ),
            legend=None,
        ),
    )
    point = base.mark_point(size=62, filled=True, opacity=1).encode(
        shape=alt.Shape(
            "status:N",
            scale=alt.Scale(
                domain=[name for _, name in states],
                range=[theme.STATUS_SHAPES.get(code, "circle") for code, _ in states],
            ),
            legend=alt.Legend(title=None, orient="top", symbolFillColor=theme.MUTED),
        ),
        tooltip=[
            alt.Tooltip("period:N", title=frame.say("column.period")),
            alt.Tooltip("text:N", title=frame.say("column.value")),
            alt.Tooltip("series:N", title=frame.say("column.scheme")),
            alt.Tooltip("status:N", title=frame.say("column.status")),
            alt.Tooltip("metric:N", title=frame.say("column.metric")),
        ],
    )
    layers: list[alt.Chart] = [*_break_rules(trend, frame), line, point]
    return (
        alt.layer(*layers)
        .properties(height=HEIGHT)
        .resolve_scale(shape="independent", strokeDash="independent")
        .configure(font=theme.FONT)
        .configure_axis(labelColor=theme.MUTED, titleColor=theme.MUTED, gridColor="#E8EDF2", labelFontSize=12)
        .configure_legend(labelFontSize=12, labelColor=theme.INK, labelLimit=320)
        .configure_view(stroke=None)
    )


def _time_axis(points: tuple[TrendPoint, ...]) -> alt.Axis:
    """Ticks at the dates of the points themselves: a year-end is labelled with its own year."""
    days = sorted({point.period_end for point in points})
    return alt.Axis(
        values=[
            alt.DateTime(year=day.year, month=day.month, date=day.day, hours=12).to_dict() for day in days
        ],
        labelExpr=YEAR_LABEL,
        labelOverlap="greedy",
        labelSeparation=8,
        grid=False,
    )


def _break_rules(trend: Trend, frame: Frame) -> list[alt.Chart]:
    days = sorted({each.break_date for each in trend.breaks})
    if not days:
        return []
    rows = [{"day": f"{day}T12:00:00", "label": frame.say("leader.break", date=day.year)} for day in days]
    base = alt.Chart(alt.Data(values=rows)).encode(x="day:T")
    rule = base.mark_rule(color=theme.AMBER, strokeDash=[3, 3], strokeWidth=1.5)
    texts = [  # neighbouring labels stand on two lines, so that they do not cover each other
        alt.Chart(alt.Data(values=rows[line::2]))
        .mark_text(
            align="left", dx=5, y=alt.expr(f"height - {10 + 16 * line}"), color=theme.AMBER, fontSize=12
        )
        .encode(x="day:T", text="label:N")
        for line in (0, 1)
        if rows[line::2]
    ]
    return [rule, *texts]


def _row(point: TrendPoint) -> dict[str, Any]:
    return {
        "day": f"{point.period_end}T12:00:00",
        "value": float(point.value),
        "text": point.text,
        "series": point.series,
        "line": point.line,
        "status": point.status,
        "period": point.period,
        "metric": point.metric,
    }
