"""The inbox: what is complete, what is asked for, and how often."""

from __future__ import annotations

import os
from pathlib import Path

from orchestration.lib.inbox import Look, look, run_key


def put(folder: Path, name: str, content: str = "a,b\n1,2\n", seconds: int = 1_700_000_000) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    os.utime(path, (seconds, seconds))
    return path


def names(found: Look) -> list[str]:
    return [path.name for path in found.ready]


def test_a_file_is_taken_when_it_is_the_same_at_two_looks(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    first = look(tmp_path, None)
    assert (first.ready, first.arriving) == ((), ("a.csv",))
    assert names(look(tmp_path, first.cursor)) == ["a.csv"]


def test_a_file_that_grows_is_not_taken(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    first = look(tmp_path, None)
    put(tmp_path, "a.csv", "a,b\n1,2\n3,4\n", 1_700_000_030)
    second = look(tmp_path, first.cursor)
    assert (second.ready, second.arriving) == ((), ("a.csv",))
    assert names(look(tmp_path, second.cursor)) == ["a.csv"]


def test_a_marker_says_that_a_file_is_complete(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    (tmp_path / "a.csv.done").touch()
    assert names(look(tmp_path, None)) == ["a.csv"]


def test_nothing_is_taken_while_another_file_still_arrives(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    first = look(tmp_path, None)
    put(tmp_path, "b.csv")
    second = look(tmp_path, first.cursor)
    assert (second.ready, second.arriving) == ((), ("b.csv",))
    assert names(look(tmp_path, second.cursor)) == ["a.csv", "b.csv"]


def test_a_growing_manifest_holds_its_files_back_and_is_no_file_to_load(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    first = look(tmp_path, None)
    put(tmp_path, "manifest.yml", "files: {}")
    second = look(tmp_path, first.cursor)
    assert second.ready == ()
    assert names(look(tmp_path, second.cursor)) == ["a.csv"]


def test_a_file_is_asked_for_once_until_it_changes(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv")
    asked = look(tmp_path, look(tmp_path, None).cursor)
    again = look(tmp_path, asked.cursor)
    assert (again.ready, again.asked) == ((), ("a.csv",))
    os.utime(path, (1_700_000_060, 1_700_000_060))
    touched = look(tmp_path, again.cursor)
    assert touched.arriving == ("a.csv",)
    assert names(look(tmp_path, touched.cursor)) == ["a.csv"]


def test_other_files_and_hidden_ones_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "a.csv.part")
    put(tmp_path, ".a.csv")
    put(tmp_path, "notes.md")
    assert look(tmp_path, look(tmp_path, None).cursor).ready == ()


def test_no_inbox_is_an_empty_one(tmp_path: Path) -> None:
    assert look(tmp_path / "none", None).ready == ()


def test_the_run_key_follows_the_content(tmp_path: Path) -> None:
    first = run_key((put(tmp_path, "a.csv"),))
    assert run_key((put(tmp_path, "a.csv"),)) == first
    assert run_key((put(tmp_path, "a.csv", "a,b\n1,3\n"),)) != first
    assert run_key((put(tmp_path, "b.csv"),)) != first
