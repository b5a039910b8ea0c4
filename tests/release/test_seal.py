"""A finished release cannot be written, and a file that lies beside its files is found."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from warehouse.connections import open_release
from warehouse.release.pointer import served
from warehouse.release.retire import prune
from warehouse.release.seal import seal_all
from warehouse.release.verify import damages, require_sound
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused


def test_a_release_is_sealed_with_its_folder(released_home: Path) -> None:
    folder = served(load_settings(released_home)).folder
    assert not folder.stat().st_mode & 0o222
    assert not any(path.stat().st_mode & 0o222 for path in folder.iterdir())


def test_an_unsealed_release_is_sealed_and_a_sealed_one_can_be_removed(own_home: Settings) -> None:
    release = served(own_home)
    release.folder.chmod(0o755)
    release.database.chmod(0o644)
    seal_all(own_home)
    assert stat.S_IMODE(release.database.stat().st_mode) == 0o444
    assert stat.S_IMODE(release.folder.stat().st_mode) == 0o555
    prune(own_home, [release.release_id])
    assert not release.folder.exists()


def test_a_log_beside_a_release_file_is_never_replayed(own_home: Settings) -> None:
    release = served(own_home)
    release.folder.chmod(0o755)
    release.database.with_name("province.duckdb.wal").write_bytes(b"not of this release")
    with pytest.raises(Refused, match=r"province\.duckdb\.wal"):
        open_release(release.database, memory_mb=256, threads=1)
    assert any("province.duckdb.wal" in found.en for found in damages(own_home, release))
    with pytest.raises(Refused, match=r"province\.duckdb\.wal"):
        require_sound(own_home, release)
