"""The audit chain: every decision and login as one numbered entry that holds the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from warehouse.control.actor import Actor
from warehouse.control.head import Head, head_of, noted
from warehouse.control.models import AuditEntry
from warehouse.control.session import NEW_HEAD, control_session
from warehouse.release.pointer import MANIFEST_FILE
from warehouse.settings import Settings
from warehouse.texts import Text

NO_HASH = "0" * 64
READ_AT_ONCE = 500
Detail = str | int | bool | None | Sequence[str]


def append(session: Session, actor: Actor, action: str, subject: str, **details: Detail) -> AuditEntry:
    """Add an entry; call it within ``deciding``, so that the decision and its entry are one transaction.

    A clock that was set back is noted among the details, never refused.
    """
    last = session.exec(select(AuditEntry).order_by(col(AuditEntry.sequence).desc()).limit(1)).first()
    now = datetime.now(UTC)
    if last and now < last.at:
        details = details | {"clock_set_back_seconds": int((last.at - now).total_seconds())}
    entry = AuditEntry(
        sequence=last.sequence + 1 if last else 1,
        at=now,
        actor=actor.name,
        channel=actor.channel,
        action=action,
        subject=subject[:200],
        details=_canonical(details),
        previous_hash=last.hash if last else NO_HASH,
        hash="",
    )
    entry.hash = entry_hash(entry)
    session.add(entry)
    session.flush()
    session.info[NEW_HEAD] = Head(entry.sequence, entry.hash)
    return entry


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 of everything the entry says, its number and the hash before it included."""
    content = [
        entry.sequence,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.channel,
        entry.action,
        entry.subject,
        entry.details,
        entry.previous_hash,
    ]
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def current_head(settings: Settings) -> Head | None:
    """The newest entry, for the manifest of a release; None while nothing was decided."""
    with control_session(settings) as session:
        last = session.exec(select(AuditEntry).order_by(col(AuditEntry.sequence).desc()).limit(1)).first()
        return Head(last.sequence, last.hash) if last else None


@dataclass(frozen=True)
class Filter:
    """Which entries to list; None leaves a criterion out."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def entries(settings: Settings, chosen: Filter, limit: int) -> list[AuditEntry]:
    """The newest entries that fit, newest first; ``action`` and ``subject`` by their beginning."""
    wanted = select(AuditEntry).order_by(col(AuditEntry.sequence).desc()).limit(limit)
    if chosen.actor:
        wanted = wanted.where(col(AuditEntry.actor) == chosen.actor)
    if chosen.action:
        wanted = wanted.where(col(AuditEntry.action).startswith(chosen.action, autoescape=True))
    if chosen.subject:
        wanted = wanted.where(col(AuditEntry.subject).startswith(chosen.subject, autoescape=True))
    if chosen.since:
        wanted = wanted.where(col(AuditEntry.at) >= chosen.since)
    if chosen.until:
        wanted = wanted.where(col(AuditEntry.at) < chosen.until)
    with control_session(settings) as session:
        return list(session.exec(wanted))


@dataclass(frozen=True)
class Verdict:
    """What the recomputation found: where the chain breaks, and what is odd but no break."""

    head: Head | None
    breaks: tuple[Text, ...]
    notes: tuple[Text, ...]


def verify(settings: Settings, expected: Head | None = None) -> Verdict:
    """Recompute the chain and compare it with the heads noted elsewhere: home, manifests, ``expected``."""
    hashes: dict[int, str] = {}
    notes: list[Text] = []
    broken: Text | None = None
    previous: AuditEntry | None = None
    with control_session(settings) as session:
        for entry in _readable(session):
            if entry is None:
                after = previous.sequence if previous else 0
                broken = broken or Text(
                    f"第 {after} 条之后有读不出的记录", f"what follows entry {after} cannot be read"
                )
                break
            broken = broken or _break(entry, previous)
            if previous and entry.at < previous.at:
                back = timedelta(seconds=round((previous.at - entry.at).total_seconds()))
                notes.append(
                    Text(
                        f"第 {entry.sequence} 条记录时，时钟比上一条早 {back}",
                        f"at entry {entry.sequence} the clock was {back} behind the entry before",
                    )
                )
            hashes[entry.sequence] = entry.hash
            previous = entry
    breaks = [broken] if broken else []
    breaks += _lost_heads(settings, hashes, expected)
    head = Head(previous.sequence, previous.hash) if previous else None
    return Verdict(head, tuple(breaks), tuple(notes))


def _readable(session: Session) -> Iterator[AuditEntry | None]:
    """The entries by number; None, and no more, where one holds what no program of ours writes."""
    ordered = select(AuditEntry).order_by(col(AuditEntry.sequence)).execution_options(yield_per=READ_AT_ONCE)
    found = iter(session.exec(ordered))
    while True:
        try:
            entry = next(found)
        except StopIteration:
            return
        except (TypeError, ValueError):
            yield None
            return
        yield entry


def _break(entry: AuditEntry, previous: AuditEntry | None) -> Text | None:
    wanted = previous.sequence + 1 if previous else 1
    number = entry.sequence
    if number != wanted:
        return Text(f"第 {wanted} 条缺失", f"entry {wanted} is missing")
    if entry.previous_hash != (previous.hash if previous else NO_HASH):
        return Text(
            f"第 {number} 条与第 {number - 1} 条接不上：其中一条被改过",
            f"entry {number} does not follow entry {number - 1}: one of them was changed",
        )
    if entry.hash != entry_hash(entry):
        return Text(f"第 {number} 条被改过", f"entry {number} was changed")
    return None


def _lost_heads(settings: Settings, hashes: dict[int, str], expected: Head | None) -> list[Text]:
    lost = []
    last = max(hashes, default=0)
    for where, head in _noted_heads(settings, expected):
        if head is None:
            lost.append(
                Text(f"{where.zh}读不出审计链末端", f"{where.en} holds no readable head of the audit chain")
            )
        elif head.sequence > last:
            lost.append(
                Text(
                    f"审计链止于第 {last} 条，而{where.zh}记有第 {head.sequence} 条：末尾被截去",
                    f"the chain ends at entry {last}, but {where.en} notes entry {head.sequence}: its tail was cut",
                )
            )
        elif hashes.get(head.sequence) != head.hash:
            lost.append(
                Text(
                    f"第 {head.sequence} 条与{where.zh}所记不同：审计链被改写",
                    f"entry {head.sequence} is not the one {where.en} notes: the chain was rewritten",
                )
            )
    if hashes and not settings.audit_head.exists():
        name = settings.audit_head.name
        lost.append(
            Text(
                f"主目录中没有 {name}，不能排除末尾被截去",
                f"the home has no {name}, so a cut tail cannot be excluded",
            )
        )
    return lost


def _noted_heads(settings: Settings, expected: Head | None) -> list[tuple[Text, Head | None]]:
    found: list[tuple[Text, Head | None]] = []
    if expected:
        found.append((Text("所给的末端", "the head you gave"), expected))
    name = settings.audit_head.name
    try:
        home = noted(settings)
        if home:
            found.append((Text(f"主目录的 {name} ", f"the home's {name}"), home))
    except ValueError:
        found.append((Text(f"主目录的 {name} ", f"the home's {name}"), None))
    for manifest in sorted(settings.releases.glob(f"[!.]*/{MANIFEST_FILE}")):
        where = Text(f"数据版本 {manifest.parent.name} ", f"release {manifest.parent.name}")
        try:
            part = json.loads(manifest.read_text(encoding="utf-8")).get("audit")
            if part is not None:
                found.append((where, head_of(part)))
        except (ValueError, AttributeError):
            found.append((where, None))
    return found


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
