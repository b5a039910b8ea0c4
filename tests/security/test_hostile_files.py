"""A file made to do harm is refused in a sentence and kept; the file after it is loaded, and every command works."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest
from break_in import tried
from hostile_files import CSV, HARMLESS_NAMES, READ, REFUSED, WORKBOOKS, equal_rows

from warehouse.home import init_home, writer
from warehouse.ingest import apart, aside
from warehouse.ingest.apart import ReaderEnded, read_apart
from warehouse.ingest.archive import find, read_manifest
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.ingest.reconcile import reconcile
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused

SECONDS = 90  # of one hostile file and the good one after it, on a busy machine
ACCEPTED_FLIPS = ("flipped_",)  # what a flipped byte hits may be of no account


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = load_settings(tmp_path_factory.mktemp("hostile") / "home")
    with writer(settings):
        init_home(settings)
    return settings


def load(settings: Settings, *paths: Path) -> list[Outcome]:
    with writer(settings):
        outcomes = list(ingest(files_in(paths), settings))
        reconcile(settings)
    return outcomes


def good(number: int) -> bytes:
    return CSV.replace(b"P1,", b"G%d," % number)


@pytest.mark.parametrize("name", tried(sorted(REFUSED), 16))
def test_a_hostile_file_costs_itself_only(name: str, home: Settings, tmp_path: Path) -> None:
    (tmp_path / f"person_{name}.csv").write_bytes(REFUSED[name]())
    (tmp_path / "person_next.csv").write_bytes(good(sorted(REFUSED).index(name)))
    began = time.monotonic()
    hostile, after = load(home, tmp_path / f"person_{name}.csv", tmp_path / "person_next.csv")
    assert time.monotonic() - began < SECONDS
    assert after.status == "accepted", after.message.zh
    assert not home.journal.exists()
    assert list(home.spill.iterdir()) == []
    if hostile.status == "accepted":
        assert name in READ or name.startswith(ACCEPTED_FLIPS)
        return
    assert hostile.status == "refused"
    assert hostile.file_name in hostile.message.zh
    assert hostile.file_name in hostile.message.en
    assert len(hostile.message.zh) < 900


def test_a_reader_that_is_brought_down_costs_the_file_only(home: Settings, tmp_path: Path) -> None:
    """The cells in an order that no program writes: the reader asks for 400 GB and ends its process."""
    path = tmp_path / "person_far.xlsx"
    path.write_bytes(WORKBOOKS["far_cell_unsorted"]())
    (outcome,) = load(home, path)
    assert outcome.has_failed
    assert "SIGABRT" in outcome.message.zh or "内存" in outcome.message.zh
    (kept,) = (each for each in aside.kept(home) if each.file_name == path.name)
    assert find(home, kept.sha256)
    with writer(home):
        from warehouse.ingest.recover import recover

        assert list(recover(home)) == [], "nothing tries it again"


def test_names_in_an_archive_are_texts_without_folders(home: Settings, tmp_path: Path) -> None:
    for name, make in HARMLESS_NAMES.items():
        (tmp_path / f"{name}.zip").write_bytes(make())
        (outcome,) = load(home, tmp_path / f"{name}.zip")
        assert outcome.status == "accepted", outcome.message.zh
        shown = outcome.file_name.partition("!")[2]
        assert "/" not in shown
        assert len(shown) < 300
        assert shown.isprintable()
    assert not Path("/tmp/person_out.csv").exists()
    assert not Path("/etc/person_root.csv").exists()


def test_two_million_equal_rows_are_one_row(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "person_equal.parquet"
    path.write_bytes(equal_rows(200_000))
    began = time.monotonic()
    (outcome,) = load(home, path)
    seconds = time.monotonic() - began
    assert outcome.rows_accepted == 1
    assert seconds / 200_000 < 100e-6, "a row took 650 microseconds when each was spelled anew"


def abort() -> None:
    os.kill(os.getpid(), signal.SIGABRT)


def fill() -> int:
    return len(bytearray(apart.MEMORY_BYTES * 2))


def stay() -> None:
    time.sleep(600)


def quote() -> None:
    raise KeyError("110101195001110015")


def twice(number: int) -> int:
    return number * 2


@pytest.mark.parametrize(
    ("task", "kind"), [(abort, "SIGABRT"), (fill, "MemoryError"), (stay, "timeout"), (quote, "KeyError")]
)
def test_whatever_becomes_of_a_reader_is_said(
    task: object, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    apart.end()  # the next server finds this module
    monkeypatch.setattr(apart, "SECONDS", 2.0)
    with pytest.raises(ReaderEnded) as ended:
        read_apart("x", 0, task)  # type: ignore[arg-type]
    assert ended.value.kind == kind
    assert "110101195001110015" not in apart.why(ended.value).zh
    assert read_apart("x", 0, twice, 21) == 42
    apart.end()


def test_what_is_no_file_is_refused_and_nothing_is_waited_for(home: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(good(9001))
    os.symlink(secret, home.inbox / "person_link.csv")
    os.symlink("/nowhere", home.inbox / "person_dangling.csv")
    os.mkfifo(home.inbox / "person_pipe.csv")
    (home.inbox / "person_folder.csv").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(home.inbox)  # the path of a socket must be short
        server.bind("person_socket.csv")
        os.chdir(here)
    (home.inbox / "person_plain.csv").write_bytes(good(9002))
    outcomes = {each.file_name: each.status for each in load(home, home.inbox)}
    assert outcomes.pop("person_plain.csv") == "accepted"
    assert len(outcomes) == 5
    assert set(outcomes.values()) == {"refused"}
    assert secret.read_bytes() == good(9001)
    for path in home.inbox.iterdir():
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def test_a_file_that_has_another_name_is_copied_not_moved(home: Settings, tmp_path: Path) -> None:
    """Who holds the other name could write into the archive."""
    other = tmp_path / "kept_open.csv"
    other.write_bytes(good(9003))
    os.link(other, home.inbox / "person_linked.csv")
    (outcome,) = load(home, home.inbox)
    assert outcome.status == "accepted"
    other.write_bytes(b"something else")
    assert not (home.inbox / "person_linked.csv").exists()
    assert good(9003) in {path.read_bytes() for path in home.archive.glob("*/*") if path.suffix != ".json"}


MANIFESTS = {
    "aliases": "a: &a [x, x]\nfiles:\n  f.csv: {delivered_on: *a}\n",
    "deep": "files: " + "[" * 100_000,
    "large": "files: {}\n#" + "x" * 9_000_000,
    "noise": "\x00\x01",
    "no_map": "files: [1, 2]",
    "long_value": "files:\n  f.csv: {delivered_on: " + "SECRET" * 500 + "}\n",
    "long_total": "files:\n  f.csv: {delivered_on: 2025-01-01, totals: {a: " + "9x" * 5000 + "}}\n",
    "long_name": "files:\n  " + "n" * 900 + ": 1\n",
}


@pytest.mark.parametrize("name", sorted(MANIFESTS))
def test_a_hostile_manifest_is_refused_in_a_short_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text(MANIFESTS[name], encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_manifest(path)
    text = refused.value.text.zh.replace(str(path), "")
    assert len(text) < 300
    assert text.isprintable()
    assert "SECRET" * 50 not in text


def test_a_manifest_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.yml")
    with pytest.raises(Refused):
        read_manifest(tmp_path / "manifest.yml")
