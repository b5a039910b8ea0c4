"""What arrived or did not: overdue feeds, refused files, batches with more refused rows, a failed build.

Read from the control database and the record of the last failed build, so it can be asked while a build is
running. File names and refused contents may hold personal data: neither is read into an alert.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from warehouse.alerts.episodes import Finding
from warehouse.alerts.rules import AlertRule, Words, rules_of
from warehouse.control.history import batch_records
from warehouse.control.models import BatchRecord
from warehouse.feeds import FEEDS
from warehouse.feeds.timing import month_before
from warehouse.ingest.repair import unrepaired
from warehouse.months.arrival import gaps
from warehouse.months.expected import Expected, expected, has_platform_data
from warehouse.settings import Settings
from warehouse.texts import Text
from warehouse.transform import last_engine_faults, last_failure

UNKNOWN = "?"
FORMER_BATCHES = 12
SHOWN = 5


def overdue(rules: list[AlertRule], settings: Settings, on: date) -> Iterator[Finding]:
    """Feeds that are overdue on the day ``on``, each with the months that are missing.

    Looked at are the last months, and every gap in what a feed has delivered, however long ago.
    """
    wanted = rules_of(rules, "freshness")
    if not wanted or not has_platform_data(settings):
        return
    holes = gaps(settings, on)
    for rule in wanted:
        missing: defaultdict[str, list[tuple[date, Expected]]] = defaultdict(list)
        looked_at = _months(on, int(rule.limit_value))
        recent = {month for month, is_for_yearly in looked_at if not is_for_yearly}
        older = {feed: [month for month in months if month not in recent] for feed, months in holes.items()}
        shown = {month for months in older.values() for month in months[-SHOWN:]}
        for month, is_for_yearly in [*looked_at, *((month, False) for month in sorted(shown))]:
            for line in expected(settings, month, on):
                is_asked = month in recent or is_for_yearly or month in older.get(line.feed, [])[-SHOWN:]
                if line.is_missing and is_asked and (line.cadence == "yearly") == is_for_yearly:
                    missing[line.feed].append((month, line))
        for feed, lines in missing.items():
            yield _overdue(
                rule, feed, sorted(lines, key=lambda each: each[0]), len(older.get(feed, [])[:-SHOWN])
            )


def _overdue(rule: AlertRule, feed: str, lines: list[tuple[date, Expected]], more: int) -> Finding:
    """One finding of a feed; ``more`` months lack besides."""
    line = lines[0][1]
    form = "%Y" if line.cadence == "yearly" else "%Y-%m"
    listed = [f"{month:{form}}" for month, _ in lines] + ([f"+{more}"] if more else [])
    lacks = {f"{month:{form}}": each.lacks for month, each in lines if each.state == "incomplete"}
    words: Words = {
        "number": line.number,
        "feed": line.name,
        "sender": line.sender,
        "months": Text(
            "、".join(f"{each}（{lacks[each].zh}）" if each in lacks else each for each in listed),
            ", ".join(f"{each} ({lacks[each].en})" if each in lacks else each for each in listed),
        ),
    }
    return rule.finding(feed, ", ".join(listed), words)


def refused_files(rules: list[AlertRule], settings: Settings, on: date) -> Iterator[Finding]:
    """Feeds with files that were refused whole within the rule's days and not repaired since."""
    standing = unrepaired(batch_records(settings))
    for rule in rules_of(rules, "check", "refused_file"):
        first = on - timedelta(days=int(rule.limit_value))
        refused: defaultdict[str, list[BatchRecord]] = defaultdict(list)
        for each in standing:
            if each.received_at.date() >= first:
                refused[each.feed].append(each)
        for feed, files in sorted(refused.items()):
            count = str(len(files))
            words: Words = {"feed": _feed(feed), "count": count}
            yield rule.finding(feed, count, words)


def failed_build(rules: list[AlertRule], settings: Settings) -> Iterator[Finding]:
    """The last build, when it failed: which nodes, not what they said."""
    yield from _of_the_build(rules_of(rules, "check", "failed_build"), last_failure(settings))


def engine_faults(rules: list[AlertRule], settings: Settings) -> Iterator[Finding]:
    """The last full build, when the database engine let it down: which nodes were built without the optimizer."""
    yield from _of_the_build(rules_of(rules, "check", "engine_fault"), last_engine_faults(settings))


def _of_the_build(rules: list[AlertRule], names: list[str]) -> Iterator[Finding]:
    if not names:
        return
    more = f" +{len(names) - SHOWN}" if len(names) > SHOWN else ""
    for rule in rules:
        words: Words = {
            "count": str(len(names)),
            "name": Text("、".join(names[:SHOWN]) + more, ", ".join(names[:SHOWN]) + more),
        }
        yield rule.finding("build", str(len(names)), words)


def refused_shares(rules: list[AlertRule], settings: Settings) -> Iterator[Finding]:
    """Feeds whose newest batch had a greater share of refused rows than their former batches together."""
    by_feed: defaultdict[str, list[BatchRecord]] = defaultdict(list)
    for each in batch_records(settings):
        if each.status == "accepted" and each.rows_read:
            by_feed[each.feed].append(each)
    for rule in rules_of(rules, "quality", "refused_share"):
        for feed, batches in sorted(by_feed.items()):
            batches.sort(key=lambda each: (each.known_on, each.received_at, each.batch_id))
            *former, newest = batches[-FORMER_BATCHES - 1 :]
            if not former or newest.rows_refused < rule.least_count:
                continue
            now, before = _share([newest]), _share(former)
            if now >= rule.limit_value and now > before * rule.factor:
                share, was = f"{now:.1%}", f"{before:.1%}"
                words: Words = {"feed": _feed(feed), "share": share, "former": was}
                yield rule.finding(feed, f"{was} → {share}", words)


def _share(batches: list[BatchRecord]) -> Decimal:
    refused, read = (sum(getattr(each, name) for each in batches) for name in ("rows_refused", "rows_read"))
    return Decimal(refused) / Decimal(read)


def _months(on: date, count: int) -> list[tuple[date, bool]]:
    """The last months before ``on`` (first days), and last December once more for the yearly feeds."""
    months = [(date(on.year - 1, 12, 1), True)]
    month = month_before(on)
    for _ in range(count):
        months.append((month, False))
        month = month_before(month)
    return months


def _feed(name: str) -> Text:
    feed = FEEDS.get(name)
    if feed is None:
        return Text("不明数据源的文件", "Files of no known feed")
    return Text(f"{feed.number} {feed.feed_zh}".strip(), f"{feed.number} {feed.feed_en}".strip())
