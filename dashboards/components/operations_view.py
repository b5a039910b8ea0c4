"""The parts of the operator's page: what is spoiled, releases, runs, deliveries, quarantine, freshness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

import streamlit as st

from dashboards import theme
from dashboards.components.frame import Frame
from dashboards.components.markup import Html, badge, folded, join, mark, table, tag
from dashboards.formats import day
from dashboards.i18n import CADENCES, RUN_STATES, known, pick
from dashboards.services.operations import Delivery, ReleaseLine
from dashboards.services.runs import FailedStep, Run
from dashboards.services.spoilage import Spoiled, sentences
from warehouse.feeds import FEEDS
from warehouse.ingest.quarantine import Held
from warehouse.months.expected import STATES, Expected
from warehouse.texts import Text

HEIGHT = 640


def spoiled_table(lines: Sequence[Spoiled], frame: Frame) -> None:
    """What the troubles spoil in words, then everything that is made from each troubled feed."""
    items = [tag("li", each) for each in sentences(lines, frame.lang)]
    st.html(tag("ul", *items, class_="yb-notes").source)
    more = partial(frame.say, "operations.more")
    rows = [
        (
            join((each.name, tag("span", each.feed, class_="yb-sub"))),
            join(tag("div", trouble) for trouble in each.troubles),
            folded([tag("code", table) for table in each.tables], more),
            folded(_named(each.metrics, each.metric_keys), more),
            folded(each.cards, more),
            folded([tag("span", page, class_="yb-nowrap") for page in each.pages], more),
        )
        for each in lines
    ]
    _show(("feed", "trouble", "tables", "metrics", "cards", "pages"), rows, frame, wide=3)


def release_table(lines: Iterable[ReleaseLine], frame: Frame) -> None:
    """One line per release, the served one marked."""
    rows = [
        (
            _release_name(each, frame),
            join((day(each.data_to), tag("span", day(each.known_on), class_="yb-sub"))),
            _moment(each.written_at),
            _moment(each.served_at),
            join(
                (
                    each.note or "—",
                    tag("span", frame.say("operations.pinned", reason=each.pinned_because), class_="yb-sub")
                    if each.pinned_because
                    else "",
                )
            ),
            each.changes_in(frame.lang) or "—",
        )
        for each in lines
    ]
    _show(("release", "dates", "written", "served", "note", "changes"), rows, frame, wide=5)


def run_table(runs: Iterable[Run], frame: Frame) -> None:
    """One line per run, with the steps that failed and why."""
    rows = [
        (
            _state(RUN_STATES, theme.RUN_STATES, each.state, frame.lang),
            join((tag("code", each.job), tag("span", each.run_id[:8], class_="yb-sub"))),
            _moment(each.started_at),
            "—" if each.seconds is None else f"{each.seconds:,.0f}",
            join(_failed_step(failed, frame) for failed in each.failed) if each.failed else "—",
        )
        for each in runs
    ]
    _show(("state", "job", "started", "seconds", "failed_steps"), rows, frame, right=(3,), wide=4)


def delivery_table(lines: Iterable[Delivery], frame: Frame) -> None:
    """One line per delivered table, newest first."""
    rows = [
        (
            _delivery_state(each, frame),
            _moment(each.received_at),
            tag("div", _feed_name(each.feed, frame.lang), class_="yb-feed"),
            join((each.file_name, tag("span", day(each.known_on), class_="yb-sub"))),
            tag(
                "span",
                "—"
                if each.is_refused
                else f"{each.rows_read:,} / {each.rows_accepted:,} / {each.rows_refused:,}",
                class_="yb-nowrap",
            ),
            each.message or "—",
        )
        for each in lines
    ]
    _show(("state", "received", "feed", "file", "rows", "message"), rows, frame, wide=5)


def quarantine_table(lines: Iterable[Held], frame: Frame) -> None:
    """One line per batch with rows kept out: counts and rules, no content of any row."""
    rows = [
        (
            join((_feed_name(each.feed, frame.lang), tag("span", each.file_name, class_="yb-sub"))),
            join(
                (
                    tag("code", each.batch_id),
                    " ",
                    badge(frame.say("operations.whole"), "caution") if each.is_whole_batch else "",
                )
            ),
            f"{each.rejected:,}",
            f"{each.waiting:,}",
            f"{each.set_aside:,}",
            _codes(each.codes),
        )
        for each in lines
    ]
    _show(
        ("feed", "batch", "rejected", "waiting", "set_aside", "codes"), rows, frame, right=(2, 3, 4), wide=5
    )


def freshness_table(lines: Iterable[Expected], frame: Frame) -> None:
    """One line per feed: by when it is expected, from whom, and whether it came."""
    rows = [
        (
            join(
                (
                    _state(dict(STATES.items()), theme.DELIVERY_STATES, each.state, frame.lang),
                    tag("span", pick(each.lacks, frame.lang), class_="yb-sub"),
                )
            ),
            join((f"{each.number} {pick(each.name, frame.lang)}", tag("span", each.feed, class_="yb-sub"))),
            pick(each.sender, frame.lang),
            known(CADENCES, each.cadence, frame.lang),
            tag("span", day(each.due_on) + ("*" if each.is_default_due else ""), class_="yb-nowrap"),
            tag("span", day(each.arrived_on) if each.arrived_on else "—", class_="yb-nowrap"),
            join(tag("div", name) for name in each.files) if each.files else "—",
        )
        for each in lines
    ]
    _show(("state", "feed", "sender", "cadence", "due", "arrived", "file"), rows, frame, wide=1)
    st.caption(frame.say("operations.default_due"))


def _show(
    keys: Sequence[str],
    rows: Sequence[Sequence[Html | str]],
    frame: Frame,
    *,
    right: Sequence[int] = (),
    wide: int = 0,
) -> None:
    heads = [frame.say(f"operations.{key}") for key in keys]
    st.html(table(heads, rows, right=right, wide=wide, height=HEIGHT).source)


def _release_name(each: ReleaseLine, frame: Frame) -> Html:
    name = tag("code", each.release_id, class_="yb-nowrap")
    if each.is_served:
        return join((name, tag("div", mark("●", frame.say("operations.served_now"), theme.GREEN))))
    return name if each.is_on_disk else join((name, " ", badge(frame.say("operations.pruned"))))


def _delivery_state(each: Delivery, frame: Frame) -> Html:
    if not each.is_refused:
        symbol, colour = theme.DELIVERY_STATES["accepted"]
        return tag("span", mark(symbol, frame.say("operations.accepted"), colour), class_="yb-nowrap")
    state = "repaired" if each.is_repaired else "refused"
    symbol, colour = theme.DELIVERY_STATES[state]
    return mark(symbol, frame.say(f"operations.{state}_word"), colour)


def _state(words: dict[str, Text], colours: dict[str, tuple[str, str]], state: str, lang: str) -> Html:
    symbol, colour = colours.get(state, theme.UNKNOWN)
    return tag("span", mark(symbol, known(words, state, lang), colour), class_="yb-nowrap")


def _feed_name(feed: str, lang: str) -> str:
    contract = FEEDS.get(feed)
    if contract is None:
        return "—"
    return f"{contract.number} {contract.feed_en if lang == 'en' else contract.feed_zh}".strip()


def _codes(codes: Iterable[str]) -> Html | str:
    return join(tag("div", tag("code", code)) for code in codes) if codes else "—"


def _named(names: Sequence[str], keys: Sequence[str]) -> list[Html]:
    return [join((name, " ", tag("code", key))) for name, key in zip(names, keys, strict=True)]


def _failed_step(failed: FailedStep, frame: Frame) -> Html:
    first, *rest = (failed.reason or "—").splitlines()
    lines: list[Html | str] = [join((tag("code", failed.step), " ", first)), *rest]
    return tag("div", folded(lines, partial(frame.say, "operations.more"), 1), class_="yb-wide")


def _moment(at: datetime | None) -> Html | str:
    return tag("span", f"{at.astimezone():%Y-%m-%d %H:%M}", class_="yb-nowrap") if at else "—"
