"""The command line: results on stdout, reasons on stderr, exit codes 0, 1 and 2."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from commands import Command
from typer.testing import CliRunner

from warehouse import cli
from warehouse.settings import PROJECT_ROOT

COMMANDS = ("init", "ingest", "build", "release", "run", "compact", "sql", "releases", "serve", "doctor")
GROUPS = {
    "quarantine": ("list", "show", "export", "retry"),
    "month": ("lock", "list"),
    "users": ("add", "list", "role", "scope", "reset", "lock", "unlock", "remove"),
    "audit": ("verify",),
    "alerts": ("check", "send", "test"),
    "template": ("check", "suggest"),
}


def test_help_lists_every_command(yibao: Command) -> None:
    shown = yibao("--help")
    assert shown.returncode == 0
    assert all(command in shown.stdout for command in (*COMMANDS, "generate", *GROUPS))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(yibao: Command, command: str) -> None:
    shown = yibao(command, "--help")
    assert shown.returncode == 0
    assert "--home" in shown.stdout


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_explains_itself(yibao: Command, group: str) -> None:
    shown = yibao(group, "--help")
    assert shown.returncode == 0
    assert all(command in shown.stdout for command in GROUPS[group])


def test_an_empty_inbox_is_said(yibao: Command, tmp_path: Path) -> None:
    finished = yibao("ingest", "--home", tmp_path / "home")
    assert finished.returncode == 0
    assert "收件箱" in finished.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("sql",),
        ("sql", "select 1", "--format", "pdf"),
        ("sql", "select 1", "--format", "csv", "-o", "/tmp/yibao_unlike.xlsx"),
        ("ingest", ""),
        ("run", " "),
        ("sql", "select 1", "--as-published", "yesterday"),
        ("sql", "select 1", "--release", "R1", "--as-published", "2026-01-01"),
        ("build", "--data-to", "2020-13-01"),
        ("ingest", "--feed", "person", "--template", "t.yml"),
        ("month", "lock", "2025-13"),
    ],
)
def test_wrong_use_exits_with_two(yibao: Command, released_home: Path, arguments: tuple[str, ...]) -> None:
    home = () if arguments in (("nonsense",),) else ("--home", released_home)
    finished = yibao(*arguments, *home)
    assert finished.returncode == 2
    assert finished.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("sql", "select * from nowhere"),
        ("sql", "select 1", "--release", "R19990101-000000-01"),
        ("sql", "select 1", "--as-published", "1999-01-01"),
        ("sql", "select 1", "--as-published", "2999-01-01"),
        ("ingest", "/nowhere/at/all.csv"),
    ],
)
def test_refusals_exit_with_one_and_say_why(
    yibao: Command, released_home: Path, arguments: tuple[str, ...]
) -> None:
    finished = yibao(*arguments, "--home", released_home)
    assert finished.returncode == 1
    assert finished.stderr.startswith("拒绝：")
    assert "Traceback" not in finished.stderr
    assert finished.stdout == ""


def test_an_empty_home_says_what_to_run(yibao: Command, tmp_path: Path) -> None:
    for command in ("build", "release", "releases", "serve"):
        finished = yibao(command, "--home", tmp_path / "new")
        assert finished.returncode == 1
        assert "yibao" in finished.stderr
        assert "Traceback" not in finished.stderr


def test_messages_come_in_english_on_request(yibao: Command, released_home: Path) -> None:
    finished = yibao(
        "sql", "select * from nowhere", "--home", released_home, env={**os.environ, "YIBAO_LANG": "en"}
    )
    assert finished.stderr.startswith("Refused: ")


def test_sql_prints_every_format(yibao: Command, released_home: Path, tmp_path: Path) -> None:
    statement = "select metric_key, unit from indicator.registry order by 1 limit 2"
    table = yibao("sql", statement, "--home", released_home)
    assert "metric_key" in table.stdout
    as_json = yibao("sql", statement, "--home", released_home, "--format", "json")
    assert len(json.loads(as_json.stdout)) == 2
    as_csv = yibao("sql", statement, "--home", released_home, "--format", "csv")
    assert len(as_csv.stdout.splitlines()) == 3
    for name in ("parquet", "xlsx"):
        target = tmp_path / f"out.{name}"
        assert (
            yibao("sql", statement, "--home", released_home, "--format", name, "-o", target).returncode == 0
        )
        assert target.stat().st_size > 100
        named = tmp_path / f"named.{name.upper()}"
        assert yibao("sql", statement, "--home", released_home, "-o", named).returncode == 0
        assert named.read_bytes()[:4] == target.read_bytes()[:4]
    plain = tmp_path / "out.txt"
    assert yibao("sql", statement, "--home", released_home, "-o", plain).returncode == 0
    assert "metric_key" in plain.read_text(encoding="utf-8")


def test_the_number_of_the_readme_can_be_traced(yibao: Command, released_home: Path) -> None:
    """The example of both read-me files, in a home after a plain ``yibao run``."""
    for name in ("README.md", "README.zh-CN.md"):
        (example,) = re.findall(r"`yibao (trace [^`]+)`", (PROJECT_ROOT / name).read_text(encoding="utf-8"))
        traced = yibao(*example.split(), "--home", released_home)
        assert traced.returncode == 0, traced.stderr
        assert "●" in traced.stdout


def test_home_can_come_from_the_environment(yibao: Command, released_home: Path) -> None:
    shown = yibao("releases", env={**os.environ, "YIBAO_HOME": str(released_home)})
    assert shown.returncode == 0
    assert "▶" in shown.stdout


def test_doctor_is_content_with_a_released_home(yibao: Command, released_home: Path) -> None:
    finished = yibao("doctor", "--home", released_home)
    assert finished.returncode == 0, finished.stderr
    assert "✗" not in finished.stdout + finished.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--home", "HOME", "users", "list"),
        ("users", "--home", "HOME", "list"),
        ("users", "list", "--home", "HOME"),
        ("--home", "OTHER", "users", "list", "--home", "HOME"),
        ("--home", "HOME", "month", "list"),
        ("--home", "HOME", "alerts"),
        ("--home", "HOME", "audit"),
    ],
)
def test_the_home_may_stand_before_the_verb_or_after_it(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """The one nearest to the verb counts."""
    home, other = str(tmp_path / "home"), str(tmp_path / "other")
    made = CliRunner().invoke(cli.app, ["--home", home, "init"])
    assert made.exit_code == 0, made.exception
    asked = [{"HOME": home, "OTHER": other}.get(each, each) for each in arguments]
    found = CliRunner().invoke(cli.app, asked)
    assert found.exit_code == 0, (found.output, found.exception)
    assert not Path(other).exists()
