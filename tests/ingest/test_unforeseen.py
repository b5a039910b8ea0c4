"""An error that nobody foresaw costs one file: it is set aside and named, and every later command works."""

from __future__ import annotations

import ast
import os
import random
import stat
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commands import Command
from python_calamine import CalamineError

from warehouse.connections import build_connection
from warehouse.doctor import examine
from warehouse.home import init_home, writer
from warehouse.ingest import aside, batch, deliver, journal, recover, workbook
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest, retry_aside
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.ingest.reconcile import reconcile
from warehouse.settings import PROJECT_ROOT, PUBLISHED_DATA, Settings, load_settings

CASES = Path(__file__).parent / "cases"
STATEMENT, TEMPLATE = CASES / "q_q1@2025-04-10.xlsx", CASES / "qinghe.yml"
SHIPPED_STATEMENTS = PROJECT_ROOT / "seeds" / "statements" / "files"
GOOD, BAD = PUBLISHED_DATA / "supervision.csv", PUBLISHED_DATA / "population.csv"
CODE = ("warehouse", "dashboards", "orchestration", "scripts", "benchmarks")
FOREIGN_CURSORS = {"warehouse/ingest/database.py"}  # of other databases' drivers
PERSON = "psn_no,psn_name,psn_cert_type,certno,brdy\nP1,甲,01,990000195001110015,1950-01-11\n"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "home")
    with writer(settings):
        init_home(settings)
    return settings


def load(settings: Settings, *paths: Path, template: Path | None = None) -> list[Outcome]:
    with writer(settings):
        outcomes = list(ingest(files_in(paths), settings, template=template))
        reconcile(settings)
    return outcomes


def recovered(settings: Settings) -> list[str]:
    with writer(settings):
        said = [text.zh for text in recover.recover(settings)]
        reconcile(settings)
    return said


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [each.status for each in outcomes]


def doctor_says(settings: Settings) -> str:
    return "\n".join(each.text.zh for each in examine(settings) if not each.is_good)


def raiser(error: BaseException) -> Callable[..., None]:
    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("name", sorted(path.name for path in SHIPPED_STATEMENTS.glob("*.csv")))
def test_a_statement_is_loaded_beside_platform_data_as_without(
    name: str, home: Settings, tmp_path: Path
) -> None:
    alone = load_settings(tmp_path / "alone")
    with writer(alone):
        init_home(alone)
    (expected,) = load(alone, SHIPPED_STATEMENTS / name)
    (tmp_path / "person.csv").write_text(PERSON, encoding="utf-8")
    assert statuses(load(home, tmp_path / "person.csv")) == ["accepted"]
    (found,) = load(home, SHIPPED_STATEMENTS / name)
    assert (found.status, found.rows_accepted) == (expected.status, expected.rows_accepted)
    assert not home.journal.exists()


def test_a_statement_with_its_own_template_is_loaded_beside_platform_data(
    home: Settings, tmp_path: Path
) -> None:
    (tmp_path / "person.csv").write_text(PERSON, encoding="utf-8")
    load(home, tmp_path / "person.csv")
    (found,) = load(home, STATEMENT, template=TEMPLATE)
    assert (found.status, found.rows_accepted) == ("accepted", 17)
    assert statuses(load(home, GOOD)) == ["accepted"]


def test_no_result_is_left_open_on_a_connection_that_is_used_further() -> None:
    """What ``fetchone`` and ``fetchmany`` leave unread owns the connection, and a later ``register`` fails."""
    found = []
    for path in (path for folder in CODE for path in sorted((PROJECT_ROOT / folder).rglob("*.py"))):
        name = path.relative_to(PROJECT_ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in (
                "fetchone",
                "fetchmany",
                "fetch_record_batch",
            ):
                found.append(f"{name}:{node.lineno}")
    assert [each for each in found if each.partition(":")[0] not in FOREIGN_CURSORS] == []


ERRORS = [
    duckdb.ConversionException("Could not convert 990000195001110015"),
    duckdb.InternalException("INTERNAL Error: assertion"),
    pa.ArrowInvalid("corrupt page"),
    CalamineError("sheet"),
    KeyError("column"),
    MemoryError(),
    RecursionError(),
]


STEPS = ["make_batch", "insert_rows", "record_touched_months", "collect_raw_lines"]


@pytest.mark.parametrize(
    ("step", "error"), [(STEPS[number % len(STEPS)], error) for number, error in enumerate(ERRORS)]
)
def test_any_error_of_a_load_costs_that_file_only(
    error: BaseException, step: str, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(batch, step, raiser(error))
        (failed,) = load(home, BAD)
    assert (failed.status, failed.has_failed) == ("refused", True)
    assert type(error).__name__ in failed.message.zh
    assert "990000195001110015" not in failed.message.zh, "the text of an error may quote a person's data"
    assert not home.journal.exists()
    assert list(home.quarantine.iterdir()) == []
    assert "population.csv" in doctor_says(home)
    assert recovered(home) == []
    assert statuses(load(home, GOOD)) == ["accepted"]
    assert statuses(load(home, BAD)) == ["accepted"]
    assert aside.kept(home) == []


def test_the_other_files_of_the_same_command_are_loaded(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after an error that leaves the connection dead."""

    def die(connection: duckdb.DuckDBPyConnection, *_arguments: object) -> None:
        connection.close()
        raise duckdb.FatalException("database has been invalidated")

    original = batch.make_batch
    calls: list[int] = []

    def first_dies(connection: duckdb.DuckDBPyConnection, *arguments: object) -> object:
        calls.append(1)
        return die(connection) if len(calls) == 1 else original(connection, *arguments)

    monkeypatch.setattr(batch, "make_batch", first_dies)
    assert statuses(load(home, BAD, GOOD)) == ["refused", "accepted"]
    (kept,) = aside.kept(home)
    assert kept.file_name == BAD.name
    assert stat.S_IMODE(home.set_aside.stat().st_mode) == 0o700


def test_a_load_that_was_set_aside_is_tried_again_as_it_was_loaded(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(workbook, "number_rows", raiser(duckdb.InternalException("INTERNAL Error")))
        assert statuses(load(home, STATEMENT, template=TEMPLATE)) == ["refused"]
    (kept,) = aside.kept(home)
    with writer(home), build_connection(home) as connection:
        prepare_raw(connection)
        (found,) = retry_aside(connection, home, kept)
    assert (found.status, found.rows_accepted) == ("accepted", 17)
    assert aside.kept(home) == []


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("end", [Killed(), KeyError("quarantine")], ids=["killed", "error"])
def test_a_load_that_cannot_be_recovered_twice_is_set_aside(
    end: BaseException, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(deliver, "load_table", raiser(Killed()))
        with pytest.raises(Killed):
            load(home, BAD)
        if isinstance(end, Killed):
            for _ in range(recover.ATTEMPTS):
                with pytest.raises(Killed):
                    recovered(home)
        else:
            patched.setattr(recover, "settle", raiser(end))
    with monkeypatch.context() as patched:
        patched.setattr(recover, "settle", raiser(end))
        (said,) = recovered(home)
    assert "已搁置" in said
    assert not home.journal.exists()
    assert "population.csv" in doctor_says(home)
    assert statuses(load(home, GOOD)) == ["accepted"]
    assert recovered(home) == []


def test_a_stop_by_hand_is_no_failed_attempt(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(deliver, "load_table", raiser(KeyboardInterrupt()))
        for attempt in (load, *[recovered] * 3):
            with pytest.raises(KeyboardInterrupt):
                attempt(home, BAD) if attempt is load else attempt(home)  # type: ignore[operator]
    (said,) = recovered(home)
    assert "现已补完" in said


@pytest.mark.parametrize("content", ["", "{", "[]", '{"file_name": 1}', '{"template": 3}'])
def test_a_damaged_journal_blocks_nothing(content: str, home: Settings) -> None:
    home.journal.write_text(content, encoding="utf-8")
    assert "load.json" in doctor_says(home)
    _expect_that_the_damage_is_named_until_it_is_removed(home)


def test_a_folder_in_place_of_the_journal_blocks_nothing(home: Settings) -> None:
    home.journal.mkdir()
    (home.journal / "inside").touch()
    assert "load.json" in doctor_says(home)
    _expect_that_the_damage_is_named_until_it_is_removed(home)


def _expect_that_the_damage_is_named_until_it_is_removed(home: Settings) -> None:
    (said,) = recovered(home)
    assert "已损坏" in said
    assert recovered(home) == []
    assert statuses(load(home, GOOD)) == ["accepted"]
    (place,) = home.set_aside.iterdir()
    assert place.name in doctor_says(home)
    place.rename(home.home.parent / "removed")
    assert "装载" not in doctor_says(home)


def test_of_a_home_that_does_not_exist_only_that_is_said(tmp_path: Path) -> None:
    for folder in (tmp_path / "new", tmp_path / "empty"):
        if folder.name == "empty":
            folder.mkdir()
        (bad,) = [each.text.zh for each in examine(load_settings(folder)) if not each.is_good]
        assert bad.startswith(f"主目录 {folder} 尚未建立")
        assert "yibao init" in bad
        assert folder.exists() == (folder.name == "empty")


def test_what_a_manifest_lists_and_the_folder_lacks_is_noted_and_the_rest_is_loaded(
    home: Settings, tmp_path: Path, yibao: Command
) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / GOOD.name).write_bytes(GOOD.read_bytes())
    listed = "".join(f"  {name}: {{delivered_on: 2025-04-10}}\n" for name in (GOOD.name, "late.csv"))
    (folder / "manifest.yml").write_text(f"files:\n{listed}", encoding="utf-8")
    finished = yibao("ingest", folder, "--home", home.home)
    assert finished.returncode == 0
    (note,) = [line for line in (finished.stdout + finished.stderr).splitlines() if "late.csv" in line]
    assert note.startswith("提示：交付清单")
    assert GOOD.name not in note.replace(str(folder), "")
    for path in folder.iterdir():
        (home.inbox / path.name).write_bytes(path.read_bytes() + b"\n" * (path.suffix == ".yml"))
    assert len(list(deliver.lacking_files([home.inbox], home))) == 1
    (home.inbox / GOOD.name).unlink()  # as after its load
    (text,) = deliver.lacking_files([home.inbox], home)
    assert "1 个文件" in text.zh
    (folder / "late.csv").write_text("to be read", encoding="utf-8")
    assert list(deliver.lacking_files([folder], home)) == []


def test_a_file_damaged_anywhere_is_refused_or_loaded_and_the_home_goes_on(
    home: Settings, tmp_path: Path
) -> None:
    """Parquet, workbooks and compressed files with bytes overwritten or cut off, wherever it may be."""
    table = pa.table({"psn_no": [f"P{n}" for n in range(3000)], "brdy": ["1950-01-11"] * 3000})
    for name in ("psn_name", "psn_cert_type", "certno"):
        table = table.append_column(name, pa.array([f"{n}" for n in range(3000)]))
    pq.write_table(table, tmp_path / "person.parquet", compression="snappy")
    sources = [tmp_path / "person.parquet", STATEMENT]
    chance = random.Random(20261130)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for number in range(40):
        source = sources[number % 2]
        content = bytearray(source.read_bytes())
        at = chance.randrange(4, len(content) - 8)
        if number % 3:
            content[at : at + 6] = chance.randbytes(6)
        else:
            del content[at:]
        (damaged / f"{number:02d}{source.suffix}").write_bytes(content)
    outcomes = load(home, damaged)
    assert len(outcomes) == 40
    assert set(statuses(outcomes)) <= {"accepted", "refused"}
    assert "refused" in statuses(outcomes)
    assert not home.journal.exists()
    assert statuses(load(home, GOOD)) == ["accepted"]


def test_accounts_are_managed_while_a_load_is_interrupted(
    yibao: Command, home: Settings, tmp_path: Path
) -> None:
    journal.begin(home, BAD, "0" * 64, None, None)
    before = home.journal.read_bytes()
    made = yibao(
        "users", "add", "admin", "--role", "operator", "--home", home.home,
        input="geheim-lang-genug-2026\n", env=os.environ | {"YIBAO_LANG": "zh"},
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert home.journal.read_bytes() == before
