"""No statement of a query box changes, empties, copies or leaves behind a file, or tells where files lie."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from break_in import tried
from commands import Command
from hostile import Ground, listed

from warehouse.query import walls
from warehouse.query.judge import judged
from warehouse.query.run import query
from warehouse.release.pointer import served
from warehouse.release.seal import seal
from warehouse.settings import PROJECT_ROOT, QueryLimits, load_settings
from warehouse.texts import Refused

STATEMENTS = listed("statements.sql")
LIMITS = QueryLimits(seconds=10, memory_mb=512)
RIGHTLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
# What would call another machine waits for an answer that never comes.
ELSEWHERE = re.compile(r"http|s3:|install|update extensions|postgres:|ducklake:|sqlite:|^load")
LOCAL = [each for each in STATEMENTS if not ELSEWHERE.search(each)]
HARMLESS = [
    "select count(*) from indicator.value",
    "from indicator.value limit 1",
    "table plan.target",
    "values (1), (2)",
    "with a as (select 1 as n) select n from a",
    "with recursive r as (select 1 as n union all select n + 1 from r where n < 9) select max(n) from r",
    "describe indicator.value",
    "summarize indicator.value",
    "show tables",
    "show all tables",
    "explain select 1",
    "explain analyze select count(*) from indicator.value",
    "explain (format json) select 1",
    "explain (select 1)",
    "explain ((select 1))",
    "explain (from indicator.value)",
    "explain (analyze, format json) (select 1)",
    "-- a\nexplain -- b\nselect 1 -- c",
    "pivot indicator.value on period_basis using count(*) group by region_code",
    "pivot indicator.value on period_basis in ('year', 'month') using count(*) group by region_code",
    "unpivot (select 1 as a, 2 as b) on a, b",
    "select unnest([1, 2]), 'copy; drop'",
    "select now(), timestamptz '2024-01-01 00:00+08' at time zone 'Asia/Shanghai', strftime(today(), '%Y')",
    "select i from range(3) as t (i), generate_series(1, 2)",
    "select table_name, comment from duckdb_tables()",
    "select * from information_schema.columns limit 1",
    "select key from json_each('{\"a\": 1}')",
    "select current_setting('secret_directory'), current_setting('home_directory'), version()",
    "/* ; */ select ';' -- ;\n;",
]


@pytest.fixture(scope="module")
def ground(released_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    place = tmp_path_factory.mktemp("ground")
    folder = place / "R20250101-000000-01"
    shutil.copytree(served(load_settings(released_home)).folder, folder)
    seal(folder)
    out = place / "out"
    out.mkdir()
    out.chmod(0o777)
    secret = place / "secret"
    secret.write_text("the secret outside")
    for above in (place, *place.parents):  # another user finds the way: only the walls are in it
        if above.is_relative_to("/tmp") and above != Path("/tmp"):
            above.chmod(above.stat().st_mode | 0o055)
    return Ground(folder / "province.duckdb", out, secret)


@pytest.fixture
def asked(ground: Ground) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(shutil.copy(ground.database, ground.out.parent / "judge.duckdb")))


def test_there_are_enough_of_them() -> None:
    assert len(set(STATEMENTS)) == len(STATEMENTS) >= 250


def test_the_judge_alone_refuses_each(ground: Ground, asked: duckdb.DuckDBPyConnection) -> None:
    passed = []
    with asked:
        for statement in STATEMENTS:
            try:
                judged(asked, ground.placed(statement))
            except (Refused, duckdb.Error):  # the parser refuses some itself
                continue
            passed.append(statement)
    assert passed == []


@pytest.mark.parametrize("wall", ["engine", "landlock", "user"])
def test_each_wall_alone_keeps_the_release(ground: Ground, wall: str) -> None:
    """The judge aside: the engine's settings, the kernel's Landlock, another user's rights."""
    if wall == "user" and os.geteuid() != 0:
        pytest.skip("only root steps down")
    attacks = [ground.placed(each) for each in tried(LOCAL, 120)]
    before = ground.traces()
    finished = subprocess.run(
        [sys.executable, "tests/security/one_wall.py", wall, str(ground.database)],
        input=json.dumps(attacks),
        capture_output=True,
        text=True,
        cwd=PROJECT_ROOT,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)},
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]  # every attack was tried
    after = ground.traces()
    if wall == "user":  # the folder that everybody may write to is not its business, the release is
        after = _without(ground.out, after)
    assert after == before


def _without(folder: Path, traces: dict[str, str]) -> dict[str, str]:
    """The traces outside a folder, which is emptied."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    return {path: content for path, content in traces.items() if not path.startswith(str(folder))}


def test_a_hostile_statement_is_refused_with_all_walls(ground: Ground) -> None:
    before = ground.traces()
    for statement in tried(STATEMENTS, 5):
        with pytest.raises(Refused) as refusal:
            query(ground.database, ground.placed(statement), LIMITS)
        said = refusal.value.text.zh + refusal.value.text.en
        for place in (str(PROJECT_ROOT), sys.prefix, str(Path.home() / ".duckdb"), "Traceback"):
            assert place not in said, statement
        if str(ground.database.parent) not in ground.placed(statement):
            assert str(ground.database.parent) not in said, statement
        assert ground.traces() == before, statement


def test_questions_are_answered_and_tell_no_path(ground: Ground) -> None:
    for statement in tried(HARMLESS, 4):
        answer = str(query(ground.database, statement, LIMITS).table.to_pylist())
        for place in (ground.database.parent, PROJECT_ROOT, Path.home() / ".duckdb", Path(sys.prefix)):
            assert str(place) not in answer, statement


def test_the_judge_lets_questions_pass(ground: Ground, asked: duckdb.DuckDBPyConnection) -> None:
    with asked:
        for statement in HARMLESS:
            judged(asked, statement)


def test_no_relation_of_the_engine_tells_where_files_lie(
    ground: Ground, asked: duckdb.DuckDBPyConnection
) -> None:
    """Every view and table function that is let through is asked: none answers with a path of this machine."""
    with asked:
        views = asked.execute("select schema_name, view_name from duckdb_views() where internal").fetchall()
        functions = asked.execute(
            "select distinct function_name from duckdb_functions() where function_type like 'table%'"
        ).fetchall()
        questions = [f'select * from system.{schema}."{view}"' for schema, view in views]
        questions += [f"select * from {name}()" for (name,) in functions]
        for question in questions:
            try:
                answer = str(asked.execute(judged(asked, question)).fetchall())
            except (Refused, duckdb.Error):
                continue
            assert str(ground.out.parent) not in answer, question
            assert str(Path.home() / ".duckdb") not in answer, question


def test_what_lies_in_the_current_folder_is_not_imported(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of a known name in the folder where one stands, or where the environment points, is never run."""
    for name in ("duckdb", "pyarrow", "json", "warehouse"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'was_run')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert query(ground.database, "select 1 as one", LIMITS).table.to_pylist() == [{"one": 1}]
    assert not (tmp_path / "was_run").exists()


def test_root_that_can_do_neither_is_refused() -> None:
    walls.require_one(is_shut=True, is_down=False)
    walls.require_one(is_shut=False, is_down=True)
    with pytest.raises(Refused, match="root"):
        walls.require_one(is_shut=False, is_down=False)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv takes the rights of root away")
@pytest.mark.parametrize("wall", ["none", "landlock"])
def test_an_ordinary_owner_cannot_write_a_sealed_release(ground: Ground, wall: str) -> None:
    """Without root's rights the modes alone hold what belongs to the release, and the kernel the rest."""
    attacks = [ground.placed(each) for each in tried(LOCAL, 120)]
    before = ground.traces()
    finished = subprocess.run(
        [*RIGHTLESS, sys.executable, "tests/security/one_wall.py", wall, str(ground.database)],
        input=json.dumps(attacks),
        capture_output=True,
        text=True,
        cwd=PROJECT_ROOT,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)},
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]  # every attack was tried
    after = ground.traces()
    if wall == "none":
        after = _without(ground.out, after)
    assert after == before


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv takes the rights of root away")
def test_a_container_without_rights_still_answers(ground: Ground) -> None:
    """Root that may not become another user is shut in by the kernel and answers."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from warehouse.query.run import query\n"
        "from warehouse.settings import QueryLimits\n"
        "print(query(Path(sys.argv[1]), 'select 42 as n', QueryLimits(seconds=10)).table.to_pylist())\n"
    )
    finished = subprocess.run(
        [*RIGHTLESS, sys.executable, "-c", program, str(ground.database)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)},
        check=False,
    )
    assert finished.stdout.splitlines() == ["[{'n': 42}]"], finished.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="as root")
def test_serve_tells_root_to_use_an_account(released_home: Path, yibao: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = yibao("serve", "--port", str(port), "--no-dagster", "--home", released_home)
    assert said.returncode == 1  # the port is taken, so nothing is served
    assert "root" in said.stdout
