"""``yibao users`` and ``yibao audit`` as an operator types them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.settings import PROJECT_ROOT

WORD = "Right-Horse-42\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def typed(home: Path, *arguments: str, word: str = "", actor: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"YIBAO_HOME": str(home), "YIBAO_ACTOR": actor}
    environment.pop("YIBAO_CONTROL_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "warehouse.cli", *arguments],
        input=word,
        capture_output=True,
        text=True,
        cwd=PROJECT_ROOT,
        env=environment,
        check=False,
    )


def test_accounts_and_audit_from_the_command_line(home: Path) -> None:
    assert "单用户模式" in typed(home, "init").stdout + typed(home, "users", "list").stdout
    refused = typed(home, "users", "add", "admin", "--role", "operator")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "标准输入中没有密码" in refused.stderr
    made = typed(home, "users", "add", "admin", "--role", "operator", word=WORD)
    assert made.returncode == 0, made.stderr
    refused = typed(home, "month", "lock", "2025-06")
    assert refused.returncode == 1
    assert "--as" in refused.stderr
    assert typed(home, "month", "lock", "2025-06", "--as", "admin").returncode == 0
    assert typed(home, "month", "lock", "2025-07", actor="admin").returncode == 0
    listed = typed(home, "audit", "--action", "month", "--actor", "admin").stdout
    assert "2025-06" in listed
    assert "2025-07" in listed
    assert "user.add" not in listed
    assert WORD.strip() not in typed(home, "audit").stdout
    made = typed(home, "users", "add", "plan", "--role", "planner", word=WORD, actor="admin")
    assert made.returncode == 0, made.stderr
    refused = typed(home, "compact", actor="plan")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert typed(home, "compact", "--as", "admin").returncode == 0
    assert "home" in typed(home, "audit", "--action", "compact").stdout
    whole = typed(home, "audit", "verify")
    assert whole.returncode == 0
    head = whole.stdout.split()[-1]
    assert typed(home, "audit", "verify", "--expect", head).returncode == 0
    assert typed(home, "audit", "verify", "--expect", "3:x").returncode == 2
    with sqlite3.connect(home / "control.sqlite") as connection:
        connection.execute("drop trigger audit_entry_no_delete")
        connection.execute("delete from audit_entry where sequence = (select max(sequence) from audit_entry)")
    broken = typed(home, "audit", "verify")
    assert broken.returncode == 1
    assert "末尾被截去" in broken.stderr
