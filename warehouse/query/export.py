"""A result as a file, written in a process of its own: the pages go on meanwhile, and its memory is not theirs."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile

import pyarrow as pa

from warehouse.settings import PROJECT_ROOT
from warehouse.texts import Refused

SECONDS = 120
MEMORY_MB = 4096
URGENCY = 10
CHILD = "import sys; sys.path.insert(0, sys.argv.pop()); from warehouse.query.export import main; sys.exit(main())"


def exported(table: pa.Table, format_name: str) -> bytes:
    """The content of a file of this format; ``Refused`` when it cannot be written within time and memory."""
    with tempfile.TemporaryFile() as given:
        with pa.ipc.new_stream(given, table.schema) as stream:
            stream.write_table(table)
        given.seek(0)
        try:
            finished = subprocess.run(
                [sys.executable, "-I", "-X", "utf8", "-c", CHILD, format_name, str(PROJECT_ROOT)],
                stdin=given,
                capture_output=True,
                timeout=SECONDS,
                cwd="/",
                env={"HOME": "/nonexistent"},
                process_group=0,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _too_large(format_name) from error
    if finished.returncode:
        raise _too_large(format_name)
    return finished.stdout


def main() -> int:
    """Write the Arrow stream of standard input to standard output in the format that is named."""
    from warehouse.query import walls
    from warehouse.query.formats import WRITERS

    walls.end_with_parent()
    walls.yield_to_others(URGENCY)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    with pa.ipc.open_stream(sys.stdin.buffer) as stream:
        table = stream.read_all()
    sys.stdout.buffer.write(WRITERS[sys.argv[1]](table))
    return 0


def _too_large(format_name: str) -> Refused:
    return Refused(
        f"结果写不成 {format_name}（超过 {SECONDS} 秒或 {MEMORY_MB} MB）；请少取几行，或用 yibao sql。",
        f"The result cannot be written as {format_name} ({SECONDS} s or {MEMORY_MB} MB are exceeded); "
        "ask for fewer rows, or use yibao sql.",
    )
