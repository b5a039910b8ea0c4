"""Which system account is at the other end of a connection on this machine."""

from __future__ import annotations

import os
import socket
import struct
import sys
from pathlib import Path

TABLES = {4: Path("/proc/net/tcp"), 6: Path("/proc/net/tcp6")}
ROOT = 0


def is_own(host: str, port: int, server_port: int) -> bool:
    """Whether the process that connected from ``host`` and ``port`` runs as we do, or as root.

    Linux tells the owner of every socket; elsewhere nobody is known, and all are taken for our own.
    """
    if sys.platform != "linux":
        return True
    return _owner(host, port, server_port) in (os.getuid(), ROOT)


def _owner(host: str, port: int, server_port: int) -> int | None:
    version = 6 if ":" in host else 4
    name = f"{_hexadecimal(host, version)}:{port:04X}"
    for line in TABLES[version].read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[1] == name and fields[2].endswith(f":{server_port:04X}"):
            return int(fields[7])
    return None


def _hexadecimal(host: str, version: int) -> str:
    """The address as the kernel prints it: words of four bytes in the order of the machine."""
    packed = socket.inet_pton(socket.AF_INET6 if version == 6 else socket.AF_INET, host)
    words = struct.unpack(f"={len(packed) // 4}I", packed)
    return "".join(f"{word:08X}" for word in words)
