"""Sending episodes: one message per episode and channel when it opens, one when it is resolved.

Each try is noted before it begins, so a killed process loses nothing: what it was sending is sent again
with the same id. Only one process sends at a time (a lock of the operating system on ``alerts.lock``).
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlmodel import col, select

from warehouse.alerts.channels import ChannelName, Smtp, Webhook, read_channels
from warehouse.alerts.episodes import SEVERITIES, changing_episodes, utc_now
from warehouse.alerts.rules import read_rules
from warehouse.alerts.transport import Message, Result, send
from warehouse.control.models import AlertDelivery, AlertEpisode
from warehouse.control.session import control_session
from warehouse.settings import Settings
from warehouse.texts import Busy, Refused, Text

Occasion = Literal["opened", "resolved"]
OCCASIONS: dict[Occasion, Text] = {"opened": Text("新", "new"), "resolved": Text("已解除", "resolved")}
ROUNDS, PAUSE, FACTOR = 3, 1.0, 4.0
MOST_TRIES = 12
LONGEST_WAIT = timedelta(hours=6)
LONGEST_OUTCOME = 300
Pause = Callable[[float], None]


@dataclass(frozen=True)
class Sent:
    """How many messages were taken, failed for now, and were given up in this round."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0


def send_alerts(
    settings: Settings,
    say: Callable[[Text], None],
    *,
    again: bool = False,
    rounds: int = ROUNDS,
    pause: Pause = time.sleep,
) -> Sent:
    """Send what is due on every channel; without ``alerts.yml`` there is nothing to do.

    A failed message is tried ``rounds`` times with growing pauses, then in later calls after 2, 4, 8 …
    minutes (at most 6 hours), at most 12 times in all; ``again`` tries what waits or was given up at once.
    When a channel does not answer, its other messages wait for the next call: it costs the time of one message.
    Raises ``Refused`` for a file that cannot be used, ``Busy`` when another process is sending.
    """
    total = Sent()
    channels = read_channels(settings)
    if not channels:
        return total
    with _alone(settings):
        for name, channel in channels.items():
            done = _send_channel(settings, name, channel, again, rounds, pause, say)
            total = Sent(total.sent + done.sent, total.failed + done.failed, total.given_up + done.given_up)
    return total


def has_due(settings: Settings) -> bool:
    """Whether any message waits to be sent now."""
    channels = read_channels(settings)
    return any(_due(settings, name, channel, again=False) for name, channel in channels.items())


def deliveries(settings: Settings) -> dict[int, list[AlertDelivery]]:
    """What became of the messages, by episode."""
    found: dict[int, list[AlertDelivery]] = {}
    with control_session(settings) as session:
        listed = select(AlertDelivery).order_by(col(AlertDelivery.channel), col(AlertDelivery.occasion))
        for each in session.exec(listed):
            found.setdefault(each.episode_id, []).append(each)
    return found


def send_test(settings: Settings, name: ChannelName) -> Result:
    """Send a test message on one channel, without any episode; refused when the channel is not configured."""
    channel = read_channels(settings).get(name)
    if channel is None:
        raise Refused(
            f"{settings.alert_channels} 中没有 {name}。格式见 docs/alerts.md。",
            f"{settings.alert_channels} has no {name}. See docs/alerts.md for its form.",
        )
    moment = utc_now()
    text = Text("这是一条测试消息，不必处理。", "This is a test message; nothing needs to be done.")
    return send(
        channel,
        Message(
            message_id=f"yibao-test-{moment:%Y%m%d%H%M%S%f}",
            subject="[医保数仓] 测试 / test",
            body=f"{text.zh}\n{text.en}\n",
            content={"occasion": "test", "message": text._asdict(), "at": moment.isoformat()},
        ),
    )


def message_of(episode: AlertEpisode, occasion: Occasion) -> Message:
    """The message about an episode: its own words and dates, nothing else."""
    rules = {each.rule_code: each for each in read_rules()}
    rule = rules.get(episode.rule_code)
    name = rule.name if rule else Text(episode.rule_code, episode.rule_code)
    severity = next(text for code, text in SEVERITIES.items() if code == episode.severity)
    state = OCCASIONS[occasion]
    lines = [
        f"{state.zh} · {severity.zh} · {name.zh}",
        episode.message_zh,
        "",
        f"{state.en} · {severity.en} · {name.en}",
        episode.message_en,
        "",
        f"首次 first seen: {_minute(episode.first_seen_at)}",
    ]
    if occasion == "resolved" and episode.resolved_at:
        lines.append(f"解除 resolved: {_minute(episode.resolved_at)}")
    lines.append(f"数据版本 release: {episode.last_release or '—'}")
    return Message(
        message_id=f"yibao-{episode.episode_id}-{episode.first_seen_at.astimezone(UTC):%Y%m%d%H%M%S%f}-{occasion}",
        subject=f"[医保数仓] {state.zh} · {severity.zh} · {name.zh} / {state.en}: {name.en}",
        body="\n".join(lines) + "\n",
        content=_content(episode, occasion, name),
    )


def _content(episode: AlertEpisode, occasion: Occasion, name: Text) -> dict[str, Any]:
    return {
        "occasion": occasion,
        "episode": episode.episode_id,
        "rule": episode.rule_code,
        "severity": episode.severity,
        "name": name._asdict(),
        "message": {"zh": episode.message_zh, "en": episode.message_en},
        "value": episode.value_text,
        "first_seen_at": episode.first_seen_at.isoformat(),
        "resolved_at": episode.resolved_at.isoformat() if episode.resolved_at else None,
        "release": episode.last_release,
    }


def _send_channel(
    settings: Settings,
    name: ChannelName,
    channel: Webhook | Smtp,
    again: bool,
    rounds: int,
    pause: Pause,
    say: Callable[[Text], None],
) -> Sent:
    sent = failed = given_up = 0
    for episode, occasion in _due(settings, name, channel, again):
        result, tries = _try(settings, name, channel, episode, occasion, rounds, pause)
        said = f"{name} · {episode.rule_code} · {OCCASIONS[occasion].en}: {result.outcome}"
        if result.is_sent:
            sent += 1
            say(Text(f"✓ {said}", f"✓ {said}"))
            continue
        failed += 1
        given_up += tries >= MOST_TRIES
        say(Text(f"✗ {said}（第 {tries} 次）", f"✗ {said} (try {tries})"))
        if not result.is_permanent:
            break
    return Sent(sent, failed, given_up)


def _try(
    settings: Settings,
    name: ChannelName,
    channel: Webhook | Smtp,
    episode: AlertEpisode,
    occasion: Occasion,
    rounds: int,
    pause: Pause,
) -> tuple[Result, int]:
    """Up to ``rounds`` tries; the result of the last one and how many there were in the delivery's life."""
    message = message_of(episode, occasion)
    for number in range(1, rounds + 1):
        tries = _note(settings, name, episode, occasion, None)
        result = send(channel, message)
        _note(settings, name, episode, occasion, result)
        if result.is_sent or result.is_permanent or number == rounds:
            break
        pause(PAUSE * FACTOR ** (number - 1))
    return result, tries


def _note(
    settings: Settings, name: ChannelName, episode: AlertEpisode, occasion: Occasion, result: Result | None
) -> int:
    """Write down that a try begins (without a result) or how it ended; returns the number of tries."""
    now = utc_now()
    key = (episode.episode_id or 0, name, occasion)
    with changing_episodes(settings) as session:
        known = session.get(AlertDelivery, key)
        if known is None:
            known = AlertDelivery(
                episode_id=key[0],
                channel=name,
                occasion=occasion,
                state="sending",
                tries=0,
                first_tried_at=now,
                tried_at=now,
                outcome="",
            )
            session.add(known)
        if result is None:
            known.state, known.tries, known.tried_at = "sending", known.tries + 1, now
        else:
            known.outcome = result.outcome[:LONGEST_OUTCOME]
            known.state = "sent" if result.is_sent else "failed"
        return known.tries


def _due(
    settings: Settings, name: ChannelName, channel: Webhook | Smtp, again: bool
) -> list[tuple[AlertEpisode, Occasion]]:
    """What is to be sent on a channel, the oldest episode first.

    An episode that was resolved before its message went out is never sent; a closing message follows only
    a message that was taken.
    """
    ranks = list(SEVERITIES)
    wanted = ranks[: ranks.index(channel.least_severity) + 1]
    now = utc_now()
    due: list[tuple[AlertEpisode, Occasion]] = []
    with control_session(settings) as session:
        noted = session.exec(select(AlertDelivery).where(col(AlertDelivery.channel) == name))
        known = {(each.episode_id, each.occasion): each for each in noted}
        listed = select(AlertEpisode).where(col(AlertEpisode.severity).in_(wanted))
        for episode in session.exec(listed.order_by(col(AlertEpisode.episode_id))):
            number = episode.episode_id or 0
            occasion: Occasion = "resolved" if episode.resolved_at else "opened"
            first = known.get((number, "opened"))
            if occasion == "resolved" and (first is None or first.state != "sent"):
                continue
            if again or _may_be_tried(known.get((number, occasion)), now):
                due.append((episode, occasion))
    return [each for each in due if not _is_sent(known.get((each[0].episode_id or 0, each[1])))]


def _is_sent(delivery: AlertDelivery | None) -> bool:
    return delivery is not None and delivery.state == "sent"


def _may_be_tried(delivery: AlertDelivery | None, now: datetime) -> bool:
    """A new one, one that a killed process was sending, or a failed one after its wait; a clock may be set back."""
    if delivery is None or delivery.state == "sending":
        return True
    if delivery.tries >= MOST_TRIES:
        return False
    wait = min(timedelta(minutes=2**delivery.tries), LONGEST_WAIT)
    return not timedelta(0) <= now - delivery.tried_at < wait


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    lock = os.open(settings.home / "alerts.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("另一个进程正在发送预警。", "Another process is sending alerts.") from error
        yield
    finally:
        os.close(lock)


def _minute(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
