"""Episodes: opened, continued, resolved, opened anew; never two at once for one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from dashboards.i18n import say
from warehouse.alerts.episodes import (
    AlertEpisode,
    Change,
    Finding,
    all_episodes,
    changing_episodes,
    open_episodes,
    settle,
)
from warehouse.settings import Settings

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
Found = Callable[..., Finding]


def evaluated(
    settings: Settings,
    findings: Sequence[Finding],
    release: str | None,
    days: int = 0,
    unseen: Sequence[str] = (),
) -> Change:
    with changing_episodes(settings) as session:
        return settle(session, findings, unseen, release, START + timedelta(days=days))


def test_a_release_served_again_after_a_roll_back_is_a_further_evaluation_not_a_further_release(
    bare_home: Settings, found: Found
) -> None:
    for day, release in enumerate(("R1", "R1", "R2", "R1")):
        evaluated(bare_home, [found()], release, day)
    (episode,) = open_episodes(bare_home)
    assert episode.times_seen == 3
    assert say("operations.seen_evaluations", "zh", count=episode.times_seen) == "3 次核对"
    assert say("operations.seen_evaluations", "en", count=episode.times_seen) == "evaluations: 3"


def test_an_episode_opens_persists_is_resolved_and_comes_back_as_another(
    bare_home: Settings, found: Found
) -> None:
    assert evaluated(bare_home, [found()], "R1") == Change(1, 0, 0)
    assert evaluated(bare_home, [found()], "R2", 1) == Change(0, 1, 0)
    (first,) = open_episodes(bare_home)
    assert (first.first_release, first.last_release, first.times_seen) == ("R1", "R2", 2)
    assert (first.first_seen_at, first.last_seen_at) == (START, START + timedelta(days=1))
    assert evaluated(bare_home, [], "R3", 2) == Change(0, 0, 1)
    assert open_episodes(bare_home) == []
    assert evaluated(bare_home, [found()], "R4", 3) == Change(1, 0, 0)
    (second,) = open_episodes(bare_home)
    assert second.episode_id != first.episode_id
    assert [each.episode_id for each in all_episodes(bare_home)] == [second.episode_id, first.episode_id]


def test_the_same_evaluation_again_changes_nothing_but_when_it_was_last_seen(
    bare_home: Settings, found: Found
) -> None:
    findings = [found("a"), found("b", "indicator_amber", "warning")]
    evaluated(bare_home, findings, "R1")
    before = [each.model_dump(exclude={"last_seen_at"}) for each in all_episodes(bare_home)]
    assert evaluated(bare_home, findings, "R1", 1) == Change(0, 2, 0)
    assert [each.model_dump(exclude={"last_seen_at"}) for each in all_episodes(bare_home)] == before
    assert {each.last_seen_at for each in open_episodes(bare_home)} == {START + timedelta(days=1)}


def test_what_nobody_could_look_at_stays_open_and_a_rule_that_is_gone_does_not(
    bare_home: Settings, found: Found
) -> None:
    evaluated(bare_home, [found("a"), found("b", "old_rule")], "R1")
    assert evaluated(bare_home, [], "R2", 1, unseen=["indicator_red"]) == Change(0, 0, 1)
    assert [each.subject_key for each in open_episodes(bare_home)] == ["a"]


def test_an_event_is_said_once_even_when_its_release_is_served_again(
    bare_home: Settings, found: Found
) -> None:
    event = found("R2", "figures_restated", "warning", is_event=True)
    assert evaluated(bare_home, [event], "R2") == Change(1, 0, 0)
    assert evaluated(bare_home, [], "R1", 1) == Change(0, 0, 1)
    assert evaluated(bare_home, [event], "R2", 2) == Change(0, 0, 0)


def test_the_inbox_shows_the_most_severe_and_then_the_newest_first(bare_home: Settings, found: Found) -> None:
    evaluated(bare_home, [found("note", "check_warned", "info"), found("old")], "R1")
    both = [found("note", "check_warned", "info"), found("old"), found("new"), found("w", "x", "warning")]
    evaluated(bare_home, both, "R2", 1)
    assert [each.subject_key for each in open_episodes(bare_home)] == ["new", "old", "w", "note"]


def test_a_clock_set_back_never_ends_an_episode_before_it_began(bare_home: Settings, found: Found) -> None:
    evaluated(bare_home, [found()], "R1", 5)
    evaluated(bare_home, [found()], "R2", 1)
    (episode,) = open_episodes(bare_home)
    assert episode.last_seen_at == START + timedelta(days=5)
    evaluated(bare_home, [], "R3", 1)
    (closed,) = all_episodes(bare_home)
    assert closed.resolved_at == closed.first_seen_at


def test_evaluations_at_the_same_time_open_one_episode(bare_home: Settings, found: Found) -> None:
    findings = [found(name) for name in "abcdef"]
    with ThreadPoolExecutor(8) as pool:
        changes = list(pool.map(lambda _: evaluated(bare_home, findings, "R1"), range(16)))
    assert sum(change.opened for change in changes) == 6
    assert len(all_episodes(bare_home)) == 6


def test_a_killed_evaluation_leaves_nothing(bare_home: Settings, found: Found) -> None:
    def killed() -> None:
        with changing_episodes(bare_home) as session:
            settle(session, [found()], [], "R1", START)
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert all_episodes(bare_home) == []


def test_the_database_itself_refuses_a_second_open_episode(bare_home: Settings, found: Found) -> None:
    evaluated(bare_home, [found()], "R1")
    (first,) = open_episodes(bare_home)

    def doubled() -> None:
        with changing_episodes(bare_home) as session:
            session.add(AlertEpisode(**first.model_dump(exclude={"episode_id"})))

    with pytest.raises(IntegrityError):
        doubled()
