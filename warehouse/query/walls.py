"""What the operating system forbids the process of a query: files other than its own, the network, other users' rights.

Each wall stands alone: the file's mode, the kernel's Landlock (Linux 5.13 and later, without any privilege), and for
root another user's rights. The engine's own settings and the judge of statements stand before them.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
import sysconfig
from pathlib import Path

from warehouse.texts import Refused

NOBODYS_ID = (
    65_533  # no account has it: 65000–65533 are reserved (Debian policy 9.2.2), and containers map it
)
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_VERSION = 1
LANDLOCK_PATH = 1
# Rights over files by the version of Landlock that knows them: 13 at first, then refer, truncate, ioctl.
FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
READ_FILE, READ_FOLDER = 1 << 2, 1 << 3
NETWORK_RIGHTS = 0b11  # bind and connect
SCOPES = 0b11  # abstract sockets and signals
NO_NEW_PRIVILEGES, DEATH_SIGNAL, KILL = 38, 1, 9
# What DuckDB looks up about the machine's memory and processors when it starts.
MACHINE = ("/proc/self/cgroup", "/proc/meminfo", "/proc/cpuinfo", "/sys/fs/cgroup", "/sys/devices/system/cpu")


def limit(seconds: int, memory_mb: int, overhead_mb: int) -> None:
    """Bounds on memory, processor time and files for this process."""
    address_space = (memory_mb + overhead_mb) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds * 2, seconds * 2 + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


def shut_files(readable: Path) -> bool:
    """From now on this thread and those it starts read ``readable`` and the interpreter's own files, and write none.

    False where the kernel has no Landlock.
    """
    if sys.platform != "linux":
        return False
    kernel = ctypes.CDLL(None, use_errno=True)
    version = kernel.syscall(LANDLOCK_CREATE, None, 0, LANDLOCK_VERSION)
    if version < 1:
        return False
    attributes = struct.pack("=Q", FILE_RIGHTS[min(version, max(FILE_RIGHTS))])
    attributes += struct.pack("=Q", NETWORK_RIGHTS) if version >= 4 else b""
    attributes += struct.pack("=Q", SCOPES) if version >= 6 else b""
    rules = kernel.syscall(LANDLOCK_CREATE, attributes, len(attributes), 0)
    if rules < 0:
        return False
    try:
        _allow(kernel, rules, readable, READ_FILE)
        for name in ("stdlib", "platstdlib", "purelib", "platlib"):
            _allow(kernel, rules, Path(sysconfig.get_path(name)), READ_FILE | READ_FOLDER)
        for place in map(Path, MACHINE):
            if place.exists():
                _allow(kernel, rules, place, READ_FILE | READ_FOLDER if place.is_dir() else READ_FILE)
        kernel.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return int(kernel.syscall(LANDLOCK_RESTRICT, rules, 0)) == 0
    finally:
        os.close(rules)


def _allow(kernel: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, place)
        if kernel.syscall(LANDLOCK_ADD, rules, LANDLOCK_PATH, rule, 0):
            raise OSError(ctypes.get_errno(), "landlock_add_rule", str(path))
    finally:
        os.close(place)


def step_down() -> bool:
    """Give up root for a user that owns nothing; every thread of the process does. False where that is forbidden."""
    if os.geteuid() != 0:
        return True
    try:
        os.setgroups([])
        os.setresgid(NOBODYS_ID, NOBODYS_ID, NOBODYS_ID)
        os.setresuid(NOBODYS_ID, NOBODYS_ID, NOBODYS_ID)
    except PermissionError:
        return False
    return True


def end_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it dies; a change of user would undo it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, KILL)


def yield_to_others(urgency: int) -> None:
    """Let every thread of this process wait for processes that are more urgent (0 is most, 19 least).

    What was started less urgent stays so: nobody but root may go back.
    """
    if os.getpriority(os.PRIO_PGRP, 0) < urgency:
        os.setpriority(os.PRIO_PGRP, 0, urgency)


def require_one(is_shut: bool, is_down: bool) -> None:
    """Root that can neither be shut in nor step down could write anything: nothing is answered then."""
    if not (is_shut or is_down):
        raise Refused(
            "以 root 运行，而系统既不支持 Landlock，也不允许换成无权限的用户；请用普通账户运行。",
            "Run by root, without Landlock and without the right to become another user; use an ordinary account.",
        )
