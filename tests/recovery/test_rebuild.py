"""From the archive and the decisions comes the same database; from a backup, the same home."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from commands import Command
from pipeline import bytes_of_releases, checksums, remove_home

from warehouse.connections import build_connection
from warehouse.control.audit import verify as verify_audit
from warehouse.control.history import lock_month, record_decision, releases
from warehouse.home import init_home, writer
from warehouse.ingest.deliver import files_in, ingest, retry_batch
from warehouse.ingest.months import mirror_locks
from warehouse.ingest.reconcile import reconcile
from warehouse.recovery.backup import back_up, check_backup, restore
from warehouse.recovery.rebuild import finish_swap, rebuild
from warehouse.release.pointer import Release, served
from warehouse.release.verify import damages
from warehouse.settings import Settings, load_settings
from warehouse.synthetic.generate import generate
from warehouse.synthetic.plan import Plan
from warehouse.texts import Refused, Text

NOT_COMPARED = {"batch": "exclude (_ingested_at)"}


def quiet(_: Text) -> None:
    """Nobody listens."""


def raw_of(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw' "
            "and table_name not in ('built_batch', 'built_model', 'disclosed_before', 'build_parameter') "
            "and table_name not like 'feed_%' order by 1"
        ).fetchall()
        return {
            name: connection.execute(
                f"select * {NOT_COMPARED.get(name, '')} from raw.{name} order by all"
            ).fetchall()
            for (name,) in names
        }


def held(settings: Settings) -> dict[str, int]:
    with duckdb.connect() as connection:
        return {
            path.name: connection.execute(f"select count(*) from '{path}'").fetchall()[0][0]
            for path in settings.quarantine.glob("*.parquet")
        }


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with dirty deliveries, a lock between two of them, late corrections and a retry."""
    folder = tmp_path_factory.mktemp("rebuild")
    generate(Plan(2_000, date(2024, 10, 1), date(2025, 2, 1), seed=3, is_clean=False), folder / "province")
    settings = load_settings(folder / "home")
    files = files_in([folder / "province" / "feeds"])
    with writer(settings):
        init_home(settings)
        middle = len(files) // 2
        list(ingest(files[:middle], settings))
        lock_month(settings, date(2024, 10, 1), date(2024, 12, 20))
        outcomes = list(ingest(files[middle:], settings))
        held_batch = next(each.batch_id for each in outcomes if each.rows_refused)
        with build_connection(settings) as connection:
            for outcome in retry_batch(connection, settings, held_batch):
                record_decision(
                    settings, "quarantine.retry", outcome.batch_id, accepted=outcome.rows_accepted
                )
        reconcile(settings)
    return settings


@pytest.fixture
def home(lived_in: Settings, tmp_path: Path) -> Iterator[Settings]:
    copy = shutil.copytree(lived_in.home, tmp_path / "home")
    yield load_settings(copy)
    remove_home(copy)


def test_the_same_database_comes_out_of_archive_and_decisions(home: Settings) -> None:
    before, refused = raw_of(home), held(home)
    assert refused
    assert len(before["settlement"]) > 100
    assert before["month_lock"]
    home.build_database.write_bytes(b"damaged")
    with writer(home):
        rebuilt = rebuild(home, quiet)
    assert rebuilt.missing == []
    after = raw_of(home)
    assert [name for name in before if before[name] != after[name]] == []
    assert held(home) == refused
    with writer(home):
        rebuild(home, quiet)
    assert raw_of(home) == after


def test_a_damaged_file_of_the_archive_stops_the_rebuild_and_is_named(home: Settings) -> None:
    before = home.build_database.read_bytes()
    path = next(each for each in sorted(home.archive.rglob("*")) if each.is_file() and not each.suffix)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    with writer(home), pytest.raises(Refused, match="已损坏"):
        rebuild(home, quiet)
    assert home.build_database.read_bytes() == before


def test_a_rebuild_killed_while_it_is_put_in_place_is_finished(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = raw_of(home)
    home.build_database.write_bytes(b"damaged")

    def killed(_: Settings) -> None:
        raise KeyboardInterrupt

    calls = iter([finish_swap, killed])
    with writer(home):
        with monkeypatch.context() as patched:
            patched.setattr("warehouse.recovery.rebuild.finish_swap", lambda each: next(calls)(each))
            with pytest.raises(KeyboardInterrupt):
                rebuild(home, quiet)
        assert home.rebuilt_mark.exists()
        finish_swap(home)
    assert not home.rebuilt_mark.parent.exists()
    assert raw_of(home) == before


def test_a_backup_gives_the_home_back(control_url: str, own_home: Settings, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    with writer(own_home):
        lock_month(own_home, date(2024, 1, 1), date(2024, 3, 1))
        first = back_up(own_home, target, quiet)
        assert back_up(own_home, target, quiet) == first
    assert check_backup(target)
    new = Settings(home=tmp_path / "new", control_url=control_url)
    with writer(new):
        restore(new, target, quiet)
        rebuild(new, quiet)
        with build_connection(own_home) as connection:
            mirror_locks(connection, own_home)
        assert raw_of(new) == raw_of(own_home)
        assert bytes_of_releases(new.home) == bytes_of_releases(own_home.home)
        assert served(new) == Release(served(own_home).release_id, new.releases / served(own_home).release_id)
        assert damages(new, served(new)) == []
        assert verify_audit(new).breaks == ()
        lock_month(new, date(2024, 2, 1), date(2024, 3, 1))
        assert [record.release_id for record, _ in releases(new)]
        with pytest.raises(Refused, match="空的主目录"):
            restore(new, target, quiet)


def test_a_restore_that_was_cut_off_goes_on(
    control_url: str, own_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, other = tmp_path / "backup", tmp_path / "other"
    with writer(own_home):
        back_up(own_home, other, quiet)
        lock_month(own_home, date(2024, 1, 1), date(2024, 3, 1))
        back_up(own_home, target, quiet)
    new = Settings(home=tmp_path / "new", control_url=control_url)
    copied = itertools.count()

    def full(source: Path, part: Path) -> None:
        if next(copied) == 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part.write_bytes(source.read_bytes())

    with writer(new):
        with monkeypatch.context() as patched:
            patched.setattr(shutil, "copyfile", full)
            with pytest.raises(Refused, match="从断处继续"):
                restore(new, target, quiet)
        with pytest.raises(Refused, match="恢复没有完成"):
            init_home(new)
        with pytest.raises(Refused, match="另一份备份"):
            restore(new, other, quiet)
        restore(new, target, quiet)
        init_home(new)
        assert bytes_of_releases(new.home) == bytes_of_releases(own_home.home)
        assert verify_audit(new).breaks == ()
        assert not list(new.home.rglob("*.part"))


def test_a_restore_goes_into_an_empty_control_database(
    control_url: str, own_home: Settings, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    with writer(own_home):
        back_up(own_home, target, quiet)
    new = Settings(home=tmp_path / "new", control_url=control_url)
    with writer(new):
        init_home(new)
        lock_month(new, date(2024, 1, 1), date(2024, 3, 1))
        with pytest.raises(Refused, match="空的控制库"):
            restore(new, target, quiet)
    assert not any(new.archive.glob("*/*"))


def test_an_incomplete_or_damaged_backup_is_refused(own_home: Settings, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    with writer(own_home):
        back_up(own_home, target, quiet)
        with pytest.raises(Refused, match="之内"):
            back_up(own_home, own_home.home / "backup", quiet)
    archived = next(
        each for each in (target / "archive").rglob("*") if "." not in each.name and each.is_file()
    )
    original = archived.read_bytes()
    archived.chmod(0o600)
    archived.write_bytes(b"x")
    with pytest.raises(Refused, match=r"（.*\.csv） 不见了或已损坏"):
        check_backup(target)
    archived.write_bytes(original)
    path = next((target / "releases").rglob("province.duckdb"))
    path.chmod(0o600)
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(Refused, match=r"province\.duckdb"):
        check_backup(target)
    (target / "backup.json").unlink()
    with pytest.raises(Refused, match="完整的备份"):
        check_backup(target)


def test_a_damaged_build_file_is_said_and_rebuilt(own_home: Settings, yibao: Command) -> None:
    content = bytearray(own_home.build_database.read_bytes())
    content[100:120] = bytes(byte ^ 0xFF for byte in content[100:120])
    own_home.build_database.write_bytes(content)
    refused = yibao("build", "--home", own_home.home)
    assert refused.returncode == 1
    assert "yibao rebuild" in refused.stderr
    assert "Traceback" not in refused.stderr
    before = checksums(own_home.home)
    for step in ("rebuild", "build", "release"):
        ended = yibao(step, "--home", own_home.home)
        assert ended.returncode == 0, ended.stderr
    assert checksums(own_home.home) == before
