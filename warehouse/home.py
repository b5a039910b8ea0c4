"""The home folder: made once by ``yibao init``, written by one process at a time."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse import person_secret
from warehouse.control.database import migrate
from warehouse.control.session import refuse_vanished
from warehouse.dagster_home import is_made, make_instance
from warehouse.settings import Settings
from warehouse.texts import Busy, Refused, Text

__all__ = ["init_home", "is_made", "lock_descriptor", "make_folders", "writer"]

PRIVATE = 0o077  # what others may not do with anything in the home
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0

_held: dict[Path, int] = {}


@contextmanager
def writer(
    settings: Settings, say: Callable[[Text], None] | None = None, patience: float | None = None
) -> Iterator[None]:
    """Hold the single writer's lock of the home; a second operator waits and is told.

    Within one process it nests: ``yibao run`` holds it around the steps that take it themselves.
    The kernel frees the lock when the process ends, however it ends, so no stale lock can remain.
    With ``patience``, in seconds, ``Busy`` is raised when the other has not ended by then.
    """
    if settings.home in _held:
        yield
        return
    make_folders(settings)
    descriptor = os.open(settings.writer_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "ignore").strip() or "?"
            if say:
                say(
                    Text(
                        f"另一个进程（PID {holder}）正在写入，等待其结束…",
                        f"Another process (PID {holder}) is writing; waiting for it to end…",
                    )
                )
            _wait(descriptor, patience, holder)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        _held[settings.home] = descriptor
        yield
    finally:
        _held.pop(settings.home, None)
        os.close(descriptor)


def lock_descriptor(settings: Settings) -> int | None:
    """The lock that this process holds on the home: a process that is given it holds it as well while it lives."""
    return _held.get(settings.home)


def _wait(descriptor: int, patience: float | None, holder: str) -> None:
    if patience is None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    deadline = time.monotonic() + patience
    pause = FIRST_PAUSE
    while time.monotonic() < deadline:
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return
    raise Busy(
        f"等了 {patience:.0f} 秒，另一个进程（PID {holder}）仍在写入。",
        f"Another process (PID {holder}) is still writing after {patience:.0f} seconds.",
    )


def make_folders(settings: Settings) -> None:
    """Create the folders of the home, for its owner alone: hashes of passwords, persons, figures before suppression.

    From here on the process makes files that only their owner can read; what an earlier version left open is shut.
    """
    os.umask(PRIVATE)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        _shut(settings)
        for folder in (
            settings.archive,
            settings.quarantine,
            settings.releases,
            settings.dbt_target,
            settings.dagster_home,
            settings.logs,
            settings.inbox,
            settings.spill,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        for private in (settings.archive, settings.quarantine, settings.inbox, settings.spill):
            private.chmod(0o700)
        settings.home.chmod(0o700)
    except OSError as error:
        raise Refused(
            f"无法在 {settings.home} 建立主目录：{error.strerror}。请用 --home 指定可写的目录。",
            f"Cannot create the home in {settings.home}: {error.strerror}. Name a writable one with --home.",
        ) from error


def _shut(settings: Settings) -> None:
    """Take from others what they may read or enter; once, since the closed home shows that it was done."""
    if not stat.S_IMODE(settings.home.stat().st_mode) & PRIVATE:
        return
    for folder, folders, files in os.walk(settings.home):
        for path in (Path(folder, name) for name in (*folders, *files)):
            mode = path.lstat().st_mode
            if mode & PRIVATE and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & ~PRIVATE)


def init_home(settings: Settings) -> bool:
    """Make folders, control database and Dagster instance; true when the home is new.

    Called under the writer's lock: two first starts on SQLite would corrupt Dagster's storage.
    """
    is_new = not is_made(settings)
    make_folders(settings)
    _refuse_half_restored(settings)
    refuse_vanished(settings)
    migrate(settings.control_url)
    person_secret.make(settings)
    make_instance(settings)
    return is_new


def _refuse_half_restored(settings: Settings) -> None:
    if settings.restore_mark.exists():
        raise Refused(
            f"主目录 {settings.home} 的恢复没有完成；请再运行一次同样的 yibao restore，从断处继续。",
            f"The restore of {settings.home} was cut off; run the same yibao restore again, it goes on from there.",
        )
