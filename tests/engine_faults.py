"""Faults of the database engine put in on purpose, at dbt's adapter: an internal error, or the death of the process.

A copy of the dbt project is given a plugin of dbt-duckdb that lets a node's statement run and then fails as
the engine does: the first error is its own, every later statement meets a database that is invalidated.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from warehouse import transform
from warehouse.settings import DBT_PROJECT, SEEDS

PLUGIN = """
import os
import signal

import duckdb
from dbt.adapters.duckdb.environments import local
from dbt.adapters.duckdb.plugins import BasePlugin

WRITES = ("create", "insert")
real = local.DuckDBCursorWrapper.execute
broken = []


def execute(self, sql, bindings=None):
    if broken:
        raise duckdb.FatalException(
            "FATAL Error: Failed: database has been invalidated because of a previous fatal error."
        )
    found = real(self, sql, bindings)
    node, kind, when = (os.environ.get(f"FAULT_{name}") for name in ("NODE", "KIND", "WHEN"))
    is_meant = f'"node_id": "model.yibao.{node}"' in sql and any(word in sql.lower() for word in WRITES)
    if is_meant and (when == "always" or os.environ["YIBAO_OPTIMIZER"] == "true"):
        if kind == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        broken.append(node)
        raise duckdb.InternalException("INTERNAL Error: put in on purpose, near value 张三")
    return found


local.DuckDBCursorWrapper.execute = execute


class Plugin(BasePlugin):
    pass
"""


def put_fault(
    monkeypatch: pytest.MonkeyPatch, folder: Path, node: str, kind: str = "internal", when: str = "optimised"
) -> Path:
    """Let ``node`` fail in builds of this process from now on; gives the copy of the project it is in.

    ``kind`` is ``internal`` or ``crash``; ``when`` is ``optimised`` or ``always``.
    """
    project = folder / "project" / "dbt_project"
    shutil.copytree(DBT_PROJECT, project)
    shutil.copytree(SEEDS, project.parent / "seeds")
    plugins = folder / "plugins"
    plugins.mkdir()
    (plugins / "fault_on_purpose.py").write_text(PLUGIN, encoding="utf-8")
    profile = project / "profiles.yml"
    content = yaml.safe_load(profile.read_text(encoding="utf-8"))
    content["yibao"]["outputs"]["build"] |= {
        "module_paths": [str(plugins)],
        "plugins": [{"module": "fault_on_purpose"}],
    }
    profile.write_text(yaml.safe_dump(content), encoding="utf-8")
    for name, value in {"NODE": node, "KIND": kind, "WHEN": when}.items():
        monkeypatch.setenv(f"FAULT_{name}", value)
    monkeypatch.setattr(transform, "DBT_PROJECT", project)
    monkeypatch.setattr(transform, "SEEDS", project.parent / "seeds")
    return project
