"""Whether a month can be closed: a list of items, each done, open or only to be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from warehouse.connections import open_release
from warehouse.control.history import batch_records, batches_of_month, locked_months
from warehouse.feeds.timing import LOCK_DAYS, end_of, lock_due
from warehouse.ingest import quarantine
from warehouse.ingest.repair import content_of, unrepaired
from warehouse.months.expected import Expected, expected, has_platform_data, never_delivered
from warehouse.release.pointer import Release, served
from warehouse.release.to_check import to_check
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

ItemState = Literal["done", "open", "note"]
MARKS: dict[ItemState, str] = {"done": "✓", "open": "✗", "note": "·"}
SHOWN = 5
UNMET = """
select severity, rule, region_code, indicator_code
from quality.reconciliation
where not is_met and period_end between ? and ?
order by severity, rule, region_code, indicator_code, period_end
"""


@dataclass(frozen=True)
class Item:
    """One line of the checklist; ``text`` says what was found."""

    code: str
    state: ItemState
    title: Text
    text: Text

    def __str__(self) -> str:
        said = Text(f"{self.title.zh}：{self.text.zh}", f"{self.title.en}: {self.text.en}")
        return f"{MARKS[self.state]} {said}"


def checklist(settings: Settings, month: date, on: date) -> list[Item]:
    """The items for closing ``month`` (its first day) on the day ``on``, from the served release."""
    looks: tuple[Callable[[Settings, date, date], Item], ...] = (
        _is_due,
        _not_locked,
        _deliveries,
        _quarantine,
        _released,
        _checks,
        _to_check,
        _reconciliation,
    )
    return [look(settings, month, on) for look in looks]


def open_items(items: list[Item]) -> list[Item]:
    """Those that stand against closing."""
    return [item for item in items if item.state == "open"]


def unmet_checks(release: Release, first: date, last: date) -> list[tuple[str, str]]:
    """Reconciliations that miss their tolerance, of periods that end within the days: severity and name.

    The severity is that of ``seeds/reference/reconciliation_check.csv``: ``error`` must hold; ``warn`` and
    ``info`` compare figures that may differ for a known reason.
    """
    with open_release(release.database, memory_mb=512, threads=1) as connection:
        found = connection.execute(UNMET, [first, last]).fetchall()
    return [(severity, " ".join(named)) for severity, *named in found]


def warned_tests(manifest: Mapping[str, Any]) -> list[str]:
    """The dbt tests that warned in the build of a release: its manifest carries them."""
    return sorted(name for name, status in manifest["tests"].items() if status == "warn")


def _is_due(_: Settings, month: date, on: date) -> Item:
    due = lock_due(month)
    title = Text(f"已到月结日（T+{LOCK_DAYS}）", f"the day of closing has come (T+{LOCK_DAYS})")
    return Item("due", "done" if on >= due else "open", title, Text(f"月结日 {due}", f"due on {due}"))


def _not_locked(settings: Settings, month: date, _: date) -> Item:
    title = Text("尚未锁定", "not locked yet")
    locked_on = locked_months(settings).get(month)
    if locked_on:
        return Item(
            "locked", "open", title, Text(f"已于 {locked_on} 锁定", f"it has been locked since {locked_on}")
        )
    return Item("locked", "done", title, Text("未锁定", "it is open"))


def _deliveries(settings: Settings, month: date, on: date) -> Item:
    title = Text("应到的数据已到", "expected deliveries have come")
    if not has_platform_data(settings):
        return Item(
            "deliveries", "open", title, Text("还没有任何平台数据", "no feed of the platform was delivered")
        )
    lines = expected(settings, month, on)
    missing = [each for each in lines if each.is_missing]
    never = never_delivered(lines)
    pending = [each for each in lines if each.state == "pending"]
    if missing:
        return Item(
            "deliveries",
            "open",
            title,
            Text(
                "逾期：" + _joined([_missing(each).zh for each in missing]),
                "overdue: " + _joined([_missing(each).en for each in missing], ", "),
            ),
        )
    return Item(
        "deliveries",
        "note" if never else "done",
        title,
        Text(
            f"逾期 0 个；未到期 {len(pending)} 个；从未送达 {len(never)} 个"
            + (f"（没有到，也不要求：{_joined([each.zh for each in never])}）" if never else ""),
            f"0 overdue, {len(pending)} not due yet, {len(never)} never delivered"
            + (
                f" (not here and not asked for: {_joined([each.en for each in never], ', ')})"
                if never
                else ""
            ),
        ),
    )


def _missing(line: Expected) -> Text:
    more = line.lacks
    zh = f"{line.number} {line.name.zh}（{line.sender.zh}）{more.zh}"
    return Text(zh, f"{line.number} {line.name.en} {more.en}".strip())


def _quarantine(settings: Settings, month: date, on: date) -> Item:
    """Held rows of batches that touch the month, and files refused whole since it began and not repaired."""
    title = Text("待核数据已清空", "nothing of the month is held for repair")
    touching = {each.batch_id for each in batches_of_month(settings, month)}
    refused = {
        content_of(each.batch_id)
        for each in unrepaired(batch_records(settings))
        if month <= each.known_on <= on
    }
    found = [
        each
        for each in quarantine.held(settings)
        if (each.is_whole_batch and content_of(each.batch_id) in refused)
        or (each.batch_id in touching and (each.rejected or each.waiting))
    ]
    if not found:
        return Item("quarantine", "done", title, Text("没有待核的行", "no row is held"))
    return Item(
        "quarantine",
        "open",
        title,
        Text(
            _joined([_held(each)[0] for each in found]) + "；见 yibao quarantine show",
            _joined([_held(each)[1] for each in found], ", ") + "; see yibao quarantine show",
        ),
    )


def _held(each: quarantine.Held) -> tuple[str, str]:
    if each.is_whole_batch:
        return f"{each.batch_id} 整批退回", f"{each.batch_id} refused whole"
    rows = each.rejected + each.waiting
    return f"{each.batch_id} {rows} 行", f"{each.batch_id} {rows} rows"


def _released(settings: Settings, month: date, _: date) -> Item:
    title = Text("数据已建库并发布", "the month is built and released")
    release = _served(settings)
    if release is None:
        return Item("released", "open", title, Text("还没有数据版本", "there is no release"))
    known = set(release.manifest()["batches"])
    missing = [each.file_name for each in batches_of_month(settings, month) if each.batch_id not in known]
    limit = release.manifest()["requested"]["data_to"]
    if limit and str(limit) < end_of(month).isoformat():
        return Item(
            "released",
            "open",
            title,
            Text(f"{release.release_id} 只建到 {limit}", f"{release.release_id} ends on {limit}"),
        )
    if missing:
        return Item(
            "released",
            "open",
            title,
            Text(
                f"{release.release_id} 缺 {_joined(missing)}；请 yibao build、yibao release",
                f"{release.release_id} lacks {_joined(missing, ', ')}; run yibao build and yibao release",
            ),
        )
    return Item("released", "done", title, Text(release.release_id, release.release_id))


def _checks(settings: Settings, _: date, __: date) -> Item:
    """A release exists only if no check failed; what is left are warnings."""
    title = Text("检验通过", "checks have passed")
    release = _served(settings)
    if release is None:
        return Item("checks", "open", title, Text("还没有数据版本", "there is no release"))
    tests = release.manifest()["tests"]
    warned = warned_tests(release.manifest())
    if warned:
        return Item(
            "checks",
            "note",
            title,
            Text(
                f"{len(warned)} 项警告：{_joined(warned)}", f"{len(warned)} warnings: {_joined(warned, ', ')}"
            ),
        )
    return Item("checks", "done", title, Text(f"{len(tests)} 项全部通过", f"all {len(tests)} passed"))


def _to_check(settings: Settings, month: date, _: date) -> Item:
    """Findings of the month's batches that have to be looked into before its figures are made public."""
    title = Text("发布前须核对的都已了结", "nothing is left to check before publication")
    release = _served(settings)
    if release is None:
        return Item("to_check", "open", title, Text("还没有数据版本", "there is no release"))
    touching = {each.batch_id for each in batches_of_month(settings, month)}
    found = [each for each in to_check(settings, release) if each.batch_id in touching]
    if not found:
        return Item("to_check", "done", title, Text("没有", "nothing"))
    return Item(
        "to_check",
        "open",
        title,
        Text(
            _joined([f"{each.file_name} {each.text.zh}" for each in found]),
            _joined([f"{each.file_name}: {each.text.en}" for each in found], "; "),
        ),
    )


def _reconciliation(settings: Settings, month: date, _: date) -> Item:
    title = Text("勾稽在容差之内", "reconciliations are within tolerance")
    release = _served(settings)
    if release is None:
        return Item("reconciliation", "open", title, Text("还没有数据版本", "there is no release"))
    unmet = unmet_checks(release, month, end_of(month))
    failed = [name for severity, name in unmet if severity == "error"]
    known = len(unmet) - len(failed)
    if failed:
        return Item(
            "reconciliation",
            "open",
            title,
            Text(
                f"{len(failed)} 项不成立：{_joined(failed)}",
                f"{len(failed)} do not hold: {_joined(failed, ', ')}",
            ),
        )
    if known:
        return Item(
            "reconciliation",
            "note",
            title,
            Text(
                f"必须成立的都成立；{known} 项口径不同的比较有差额",
                f"all that must hold do; {known} comparisons of unlike figures differ",
            ),
        )
    return Item("reconciliation", "done", title, Text("全部成立", "all hold"))


def _served(settings: Settings) -> Release | None:
    try:
        return served(settings)
    except Refused:
        return None


def _joined(names: list[str], separator: str = "、") -> str:
    more = f" +{len(names) - SHOWN}" if len(names) > SHOWN else ""
    return separator.join(names[:SHOWN]) + more
