"""What a killed process committed to DuckDB's log is read by the next one."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

from killed_command import KILLED, processes

from warehouse.connections import build_connection
from warehouse.settings import load_settings


def commit_and_die(home: Path) -> None:
    with build_connection(load_settings(home)) as connection:
        connection.execute("begin")
        connection.execute("create table kept (change decimal(9, 2) check (abs(change) < 100))")
        connection.execute("insert into kept values (-5)")
        connection.execute("comment on column kept.change is '变动'")
        connection.execute("commit")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_logged_comment_on_a_table_whose_check_calls_a_function_is_read_again(tmp_path: Path) -> None:
    process = processes().Process(target=commit_and_die, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == KILLED
    log = tmp_path / "build.duckdb.wal"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    with build_connection(load_settings(tmp_path)) as connection:
        assert connection.execute("select change from kept").fetchall() == [(-5,)]
