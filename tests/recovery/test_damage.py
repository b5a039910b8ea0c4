"""A part of the home is lost or damaged: it is said, and what is still good stays good."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from killed_command import command

from warehouse.ingest import archive
from warehouse.recovery.backup import back_up, check_backup
from warehouse.release.pointer import served
from warehouse.settings import PUBLISHED_DATA, Settings
from warehouse.texts import Refused, Text

ONE_FILE = PUBLISHED_DATA / "benefit_series.csv"


def quiet(_: Text) -> None:
    """Nobody listens."""


def originals(settings: Settings) -> list[Path]:
    return [each for each in sorted(settings.archive.glob("*/*")) if "." not in each.name]


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_backup_never_gives_up_a_good_copy(own_home: Settings, tmp_path: Path, damage: str) -> None:
    target = tmp_path / "backup"
    back_up(own_home, target, quiet)
    listed = check_backup(target)
    original = originals(own_home)[0]
    if damage == "gone":
        original.unlink()
    else:
        overwrite(original, b"damaged" + original.read_bytes()[7:])
    with pytest.raises(Refused, match=original.name[:12]):
        back_up(own_home, target, quiet)
    assert check_backup(target) == listed


def test_a_first_backup_of_a_damaged_archive_is_refused(own_home: Settings, tmp_path: Path) -> None:
    original = originals(own_home)[0]
    overwrite(original, original.read_bytes()[:-1])
    with pytest.raises(Refused, match="没有备份任何东西"):
        back_up(own_home, tmp_path / "backup", quiet)


def test_a_damaged_release_is_not_backed_up_over_a_good_one(own_home: Settings, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    back_up(own_home, target, quiet)
    overwrite(served(own_home).database, b"damaged")
    with pytest.raises(Refused, match=r"province\.duckdb"):
        back_up(own_home, target, quiet)
    check_backup(target)


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\0" + b"x" * 5000])
def test_a_lost_control_database_is_never_replaced_by_an_empty_one(
    own_home: Settings, content: bytes | None
) -> None:
    path = own_home.home / "control.sqlite"
    for beside in own_home.home.glob("control.sqlite-*"):
        beside.unlink()
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    for arguments in (["init"], ["users", "list"], ["ingest", str(ONE_FILE)], ["build"], ["releases"]):
        ended = command(own_home.home, *arguments)
        assert ended.code == 1, ended.said
        assert "不要以空库继续" in ended.said
        assert "Traceback" not in ended.said
    assert (path.read_bytes() if path.exists() else None) == content
    ended = command(own_home.home, "doctor")
    assert "不要以空库继续" in ended.said


@pytest.mark.parametrize("secret", [None, "short", "0" * 64])
def test_another_secret_never_gives_a_person_another_key(own_home: Settings, secret: str | None) -> None:
    path = own_home.person_key_file
    path.unlink()
    if secret:
        path.write_text(secret)
    for arguments in (["rebuild"], ["backup", str(own_home.home.with_name("backup"))], ["doctor"]):
        ended = command(own_home.home, *arguments)
        assert ended.code == 1, ended.said
        assert "person.key" in ended.said
    assert not own_home.home.with_name("backup").exists()
    roster = own_home.home.with_name("person.csv")
    roster.write_text("psn_no,psn_name,psn_cert_type,certno,brdy\nP1,甲,01,,1980-01-01\n")
    assert command(own_home.home, "ingest", "--feed", "person", roster).code == 1


def test_a_release_is_written_beside_one_with_a_damaged_manifest(own_home: Settings) -> None:
    damaged = served(own_home)
    overwrite(damaged.folder / "manifest.json", b"\xff\xfe damaged")
    ended = command(own_home.home, "release")
    assert ended.code == 0, ended.said
    assert served(own_home).release_id != damaged.release_id
    ended = command(own_home.home, "verify", damaged.release_id)
    assert "清单无法读取" in ended.said


def test_a_damaged_build_file_is_no_obstacle_to_serving_an_earlier_release(own_home: Settings) -> None:
    first = served(own_home).release_id
    assert command(own_home.home, "release").code == 0
    overwrite(own_home.build_database, b"damaged")
    assert "yibao rebuild" in command(own_home.home, "doctor").said
    for arguments in (["rollback", first, "--reason", "试"], ["verify"], ["pin", first, "--reason", "试"]):
        ended = command(own_home.home, *arguments)
        assert ended.code == 0, ended.said
    assert served(own_home).release_id == first


def test_a_name_in_gb18030_is_read_and_a_pipe_is_refused(own_home: Settings) -> None:
    name = os.fsdecode("统计@2026-11-20.csv".encode("gb18030"))
    content = ONE_FILE.read_bytes().replace(b"\n", b"\r\n")
    (own_home.inbox / name).write_bytes(content)
    ended = command(own_home.home, "ingest")
    assert ended.code == 0, ended.said
    assert "统计@2026-11-20.csv" in ended.said
    assert not list(own_home.inbox.iterdir())
    assert len(list(archive.archived_files(own_home))) == len(originals(own_home))
    pipe = own_home.home.with_name("pipe.csv")
    os.mkfifo(pipe)
    ended = command(own_home.home, "ingest", pipe)
    assert ended.code == 1
    assert "pipe.csv" in ended.said
