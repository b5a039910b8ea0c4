"""A restore takes the names of a backup and no others, and gives back a home that never released anything."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.home import init_home, make_folders, writer
from warehouse.ingest import aside
from warehouse.ingest.deliver import files_in, ingest
from warehouse.ingest.journal import Interrupted
from warehouse.ingest.reconcile import reconcile
from warehouse.recovery.backup import LIST_FILE, back_up, restore
from warehouse.recovery.rebuild import rebuild
from warehouse.release.manifest import sha256_of
from warehouse.settings import PUBLISHED_DATA, Settings, load_settings
from warehouse.texts import Refused, Text

GOOD = PUBLISHED_DATA / "supervision.csv"


def quiet(_: Text) -> None:
    pass


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "home")
    with writer(settings):
        init_home(settings)
        list(ingest(files_in([GOOD]), settings))
        reconcile(settings)
    return settings


@pytest.fixture
def backup(home: Settings, tmp_path: Path) -> Path:
    with writer(home):
        back_up(home, tmp_path / "backup", quiet)
    return tmp_path / "backup"


def restored(backup: Path, target: Path) -> Settings:
    settings = load_settings(target)
    with writer(settings):
        make_folders(settings)
        restore(settings, backup, quiet)
        init_home(settings)
        assert rebuild(settings, quiet).missing == []
    return settings


def test_a_home_without_a_release_comes_back(backup: Path, tmp_path: Path) -> None:
    settings = restored(backup, tmp_path / "again")
    assert not settings.pointer.exists()
    assert [path for path in settings.home.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


NAMES = (
    "../outside.txt", "archive/../../outside.txt", "/tmp/outside.txt", "archive//x", "archive/./x", "archive",
    "build.duckdb", "control.sqlite", "alerts.yml", "archive/a\x1b[31m", "archive\\..\\x", "person.key/x", "",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_backup_gives_is_refused(name: str, backup: Path, tmp_path: Path) -> None:
    listed = json.loads((backup / LIST_FILE).read_text(encoding="utf-8"))
    (tmp_path / "outside.txt").write_text("x", encoding="utf-8")
    listed["files"][name] = {"bytes": 1, "sha256": sha256_of(tmp_path / "outside.txt")}
    (backup / LIST_FILE).write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        restored(backup, tmp_path / "again")
    assert refused.value.text.zh.isprintable()
    assert not list((tmp_path / "again" / "archive").iterdir())


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": 3}', "[" * 100_000, "\x00"])
def test_a_damaged_list_is_refused(content: str, backup: Path, tmp_path: Path) -> None:
    (backup / LIST_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(Refused):
        restored(backup, tmp_path / "again")


def test_a_link_in_a_backup_is_refused(backup: Path, tmp_path: Path) -> None:
    key = backup / "person.key"
    (tmp_path / "elsewhere").write_bytes(key.read_bytes())
    key.unlink()
    os.symlink(tmp_path / "elsewhere", key)
    with pytest.raises(Refused, match="person"):
        restored(backup, tmp_path / "again")


def _with_a_bomb(settings: Settings, tmp_path: Path) -> tuple[Path, str]:
    from hostile_files import WORKBOOKS

    path = tmp_path / "person_far.xlsx"
    path.write_bytes(WORKBOOKS["far_cell_unsorted"]())
    with writer(settings):
        (outcome,) = ingest(files_in([path]), settings)
        reconcile(settings)
    assert outcome.has_failed
    return path, sha256_of(path)


def test_a_rebuild_leaves_out_what_brings_its_reader_down_and_says_so(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "security"))
    path, sha256 = _with_a_bomb(home, tmp_path)
    said: list[str] = []
    with writer(home):
        assert rebuild(home, lambda text: said.append(text.zh)).missing == []
    assert [line for line in said if path.name in line and "跳过" in line]
    with writer(home):
        back_up(home, tmp_path / "backup", quiet)
    again = restored_saying(tmp_path / "backup", tmp_path / "again", said.append)
    assert [each.sha256 for each in aside.kept(again)] == [sha256]


def restored_saying(backup: Path, target: Path, say: Callable[[str], None]) -> Settings:
    settings = load_settings(target)
    with writer(settings):
        make_folders(settings)
        restore(settings, backup, quiet)
        init_home(settings)
        rebuild(settings, lambda text: say(text.zh))
    return settings


def test_a_set_aside_file_that_was_loaded_once_is_loaded_again(home: Settings) -> None:
    """A load that failed later is no reason to leave out what the warehouse rests on."""
    sha256 = sha256_of(GOOD)
    aside.keep(home, Interrupted(GOOD.name, sha256, None, None), None)
    with writer(home):
        assert rebuild(home, quiet).missing == []
