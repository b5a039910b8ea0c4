"""The runbooks 01–03, pasted command by command into one shell: each shows the words that it promises."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass

import pytest

from warehouse.settings import PROJECT_ROOT

RUNBOOKS = PROJECT_ROOT / "docs" / "runbooks"
PASTED = ("01-添加一个月.md", "02-退回与修复.md", "03-建库发布比较回退.md")
FENCE = re.compile(r"^```(sh|text)\n(.*?)^```$", re.M | re.S)
VARIES = "…"
MINUTES = 15


@dataclass(frozen=True)
class Step:
    """Commands of a runbook and the lines it promises after them."""

    runbook: str
    commands: str
    promised: tuple[str, ...]


def steps() -> list[Step]:
    """The commands of the runbooks in their order; a box of words belongs to the commands before it."""
    found: list[Step] = []
    for name in PASTED:
        for kind, body in FENCE.findall((RUNBOOKS / name).read_text(encoding="utf-8")):
            if kind == "sh":
                found.append(Step(name, body, ()))
            else:
                found[-1] = Step(name, found[-1].commands, tuple(body.strip().splitlines()))
    return found


def pattern(line: str) -> re.Pattern[str]:
    """A promised line: ``…`` stands for anything within one line."""
    return re.compile("[^\n]*?".join(re.escape(part) for part in line.split(VARIES)))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What one shell shows for each step, as an operator sees it: both streams, one after another."""
    folder = tmp_path_factory.mktemp("runbooks")
    marks = [f"::step {position}::" for position in range(len(steps()) + 1)]
    parts = [f"{step.commands}\necho '{mark}'" for step, mark in zip(steps(), marks[1:], strict=True)]
    script = folder / "pasted.sh"
    script.write_text("\n".join(parts), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YIBAO_")}
    finished = subprocess.run(
        ["bash", str(script)],
        cwd=PROJECT_ROOT,
        env=environment | {"PRACTICE": str(folder / "practice"), "COLUMNS": "400"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60 * MINUTES,
        check=False,
    )
    outputs, rest = [], finished.stdout
    for mark in marks[1:]:
        output, found, rest = rest.partition(f"{mark}\n")
        assert found, finished.stdout[-3000:]
        outputs.append(output)
    return outputs


def test_the_runbooks_promise_something_after_most_commands() -> None:
    assert len(steps()) >= 20
    assert sum(1 for step in steps() if step.promised) >= 15


@pytest.mark.parametrize("position", range(len(steps())))
def test_a_step_shows_what_the_runbook_promises(shown: list[str], position: int) -> None:
    step, output = steps()[position], shown[position]
    for line in step.promised:
        assert pattern(line).search(output), f"{step.runbook}\n{step.commands}\n{line}\n---\n{output}"
    assert "Traceback" not in output
    assert "command not found" not in output
    assert "No such" not in output


def test_every_command_of_every_runbook_is_one_of_the_program() -> None:
    from typer.main import get_command

    from warehouse.cli import app

    known = get_command(app).commands
    for path in sorted(RUNBOOKS.glob("*.md")):
        for kind, body in FENCE.findall(path.read_text(encoding="utf-8")):
            if kind == "sh":
                for verb in re.findall(r"^\s*(?:\w+=\S+ )*yibao ([a-z]+)", body, re.M):
                    assert verb in known, f"{path.name}: yibao {verb}"
