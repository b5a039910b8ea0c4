"""What one more batch costs when the warehouse is full: 1 M settlements into a table of 50 M, and into an empty one.

    python benchmarks/second_batch.py --history 50000000 --rows 1000000

Both loads are the same file, whose last 2 % of rows are new versions of rows in the history. The history is
written straight into ``raw.settlement``. Prints both times and their ratio; the bar is 1.3.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from load_settlements import load, settlements, write_file

from warehouse.connections import build_connection
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.home import init_home, writer
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.settings import load_settings

BAR = 1.3
CHUNK = 5_000_000


def fill(home: Path, rows: int) -> None:
    """A home whose settlement table holds ``rows`` rows of an earlier batch."""
    settings = load_settings(home)
    names = [each.name for each in columns_of(FEEDS["settlement"])]
    with writer(settings):
        init_home(settings)
        with build_connection(settings) as connection:
            prepare_raw(connection)
            for first in range(0, rows, CHUNK):
                query = settlements(min(CHUNK, rows - first), first, "fee")
                connection.execute(
                    f"insert into raw.settlement by name "
                    f"select 'settlement-history' as _batch_id, row_number() over () as _row, "
                    f"{', '.join(names)} from ({query})"
                )
                print(f"history: {first + CHUNK} rows", flush=True)


def main() -> int:
    """Measure and print; exit code 1 when the bar is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--history", type=int, default=50_000_000)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, default=None)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(dir=chosen.folder))
    try:
        fill(folder / "full", chosen.history)
        seconds = {}
        for name in ("empty", "full"):
            path = folder / "settlement_2025.csv"
            write_file(path, chosen.rows, chosen.history - chosen.rows // 50, False)
            seconds[name], said = load(path, folder / name)
            print(f"{name}: {seconds[name]:.1f} s; {said}", flush=True)
        ratio = seconds["full"] / seconds["empty"]
        print(f"ratio: {ratio:.2f} (bar {BAR})")
        return 0 if ratio <= BAR else 1
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
