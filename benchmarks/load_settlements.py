"""How fast settlements are loaded, against a bare typed ``read_csv`` of the same file in the same run.

    python benchmarks/load_settlements.py --rows 10000000 [--encoding gb18030] [--clean]

The file has all columns of the contract, 39 of them filled; unless ``--clean`` some rows need the slow path
and some are refused. Prints one line a stage and the ratio of rows a second. The bars: a ratio of 0.55 (for
GB18030 the transcoding counts on both sides) and less than 8 GB of memory.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.home import init_home, writer
from warehouse.ingest.deliver import ingest
from warehouse.settings import load_settings

BAR = 0.55
DIRTY_EVERY = 2000  # one row in so many is dirty, half of them beyond repair

ROWS = """
with row as (
    select
        i,
        printf('S%014d', {first} + i) as setl_id,
        hash(i) as h,
        cast(5 + hash(i, 'fee') % 90000 / 100.0 as decimal(16, 2)) as fee,
        timestamp '{start}' + to_seconds(cast(i * {seconds} / {rows} as bigint)) as settled_at
    from range({rows}) as numbers (i)
),
paid as (
    select
        *,
        cast(fee * 0.08 as decimal(16, 2)) as own,
        cast(fee * 0.05 as decimal(16, 2)) as pre,
        cast(fee * 0.55 as decimal(16, 2)) as pool,
        cast(case when h % 20 = 0 then fee * 0.03 else 0 end as decimal(16, 2)) as large,
        cast(fee * 0.12 as decimal(16, 2)) as acct
    from row
)
select
    setl_id,
    printf('M%014d', {first} + i) as mdtrt_id,
    null as init_setl_id,
    printf('4699%012d', hash(i, 'person') % {persons}) as psn_no,
    '参保人' || printf('%08d', hash(i, 'person') % {persons}) as psn_name,
    '01' as psn_cert_type,
    case when h % 2 = 0 then '1' else '2' end as gend,
    date '1950-01-01' + cast(hash(i, 'person') % 20000 as integer) as brdy,
    case when h % 4 = 0 then '310' else '390' end as insutype,
    case when h % 4 = 0 then '1101' else '1501' end as psn_type,
    '460100' as insu_admdvs,
    '2' as pay_loc,
    printf('H46010%06d', hash(i, 'inst') % 3000) as fixmedins_code,
    '样例医院' || printf('%04d', hash(i, 'inst') % 3000) as fixmedins_name,
    '05' as hosp_lv,
    '460100' as fix_blng_admdvs,
    cast(settled_at as date) as begndate,
    cast(settled_at as date) as enddate,
    settled_at as setl_time,
    '01' as mdtrt_cert_type,
    '11' as med_type,
    '2' as setl_type,
    '11' as clr_type,
    '10' as clr_way,
    {fee} as medfee_sumamt,
    own as fulamt_ownpay_amt,
    0.00 as overlmt_selfpay,
    pre as preselfpay_amt,
    fee - own - pre as inscp_amt,
    pool as hifp_pay,
    large as hifob_pay,
    pool + large as fund_pay_sumamt,
    fee - pool - large as psn_pay,
    acct as acct_pay,
    fee - pool - large - acct as cash_payamt,
    0.00 as ownpay_hosp_part,
    '0' as refd_setl_flag,
    '1' as vali_flag,
    settled_at + interval 1 hour as updt_time
from paid
order by i
"""
DIRTY_FEE = (
    "case when h % {every} = 0 then '￥' || cast(fee as varchar) "
    "when h % {every} = 1 then cast(fee + 1 as varchar) else cast(fee as varchar) end"
)


def settlements(rows: int, first: int, fee: str) -> str:
    """SQL for settlements ``first`` … ``first + rows`` with every column of the contract."""
    query = ROWS.format(
        rows=rows, first=first, persons=1_500_000, start="2024-01-01", seconds=365 * 86400, fee=fee
    )
    with duckdb.connect() as connection:
        filled = {row[0] for row in connection.execute(f"describe {query}").fetchall()}
    names = ", ".join(
        each.name if each.name in filled else f"null as {each.name}"
        for each in columns_of(FEEDS["settlement"])
    )
    return f"select {names} from ({query})"


def write_file(path: Path, rows: int, first: int, is_clean: bool) -> None:
    """Write settlements ``first`` … ``first + rows`` as CSV in UTF-8."""
    query = settlements(rows, first, "fee" if is_clean else DIRTY_FEE.format(every=DIRTY_EVERY))
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{path}' (header, delimiter ',')")


def read_bare(path: Path, folder: Path) -> float:
    """Seconds of a typed ``read_csv`` of the file into a table of a new database."""
    types = {each.name: each.sql_type for each in columns_of(FEEDS["settlement"])}
    types["medfee_sumamt"] = "varchar"  # holds the dirt
    with path.open(encoding="utf-8") as stream:
        names = stream.readline().strip().split(",")
    columns = ", ".join(f"'{name}': '{types[name]}'" for name in names)
    begun, used = time.perf_counter(), time.process_time()
    with duckdb.connect(str(folder / "bare.duckdb")) as connection:
        connection.execute(
            f"create table settlement as "
            f"select * from read_csv('{path}', auto_detect = false, header = true, columns = {{{columns}}})"
        )
        connection.execute("checkpoint")
    seconds = time.perf_counter() - begun
    print(f"bare typed read_csv: {time.process_time() - used:.1f} s of processor time")
    (folder / "bare.duckdb").unlink()
    return seconds


def load(path: Path, home: Path) -> tuple[float, str]:
    """Seconds of a load from the home's inbox, and what was said of it."""
    settings = load_settings(home)
    with writer(settings):
        init_home(settings)
        target = settings.inbox / path.name
        path.rename(target)
        begun, used = time.perf_counter(), time.process_time()
        (outcome,) = ingest([target], settings, "settlement")
        print(f"load: {time.process_time() - used:.1f} s of processor time")
        return time.perf_counter() - begun, outcome.message.en


def transcode(path: Path) -> tuple[Path, float]:
    """A GB18030 copy of the file, and the seconds that iconv takes to turn it back."""
    other = path.with_suffix(".gb18030.csv")
    with other.open("wb") as stream:
        subprocess.run(["iconv", "-f", "UTF-8", "-t", "GB18030", str(path)], stdout=stream, check=True)
    begun = time.perf_counter()
    with (path.with_suffix(".again")).open("wb") as stream:
        subprocess.run(["iconv", "-f", "GB18030", "-t", "UTF-8", str(other)], stdout=stream, check=True)
    seconds = time.perf_counter() - begun
    path.with_suffix(".again").unlink()
    return other, seconds


def main() -> int:
    """Measure and print; exit code 1 when a bar is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--encoding", choices=("utf-8", "gb18030"), default="utf-8")
    options.add_argument("--clean", action="store_true")
    options.add_argument("--folder", type=Path, default=None)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(dir=chosen.folder))
    try:
        path = folder / "settlement_2024.csv"
        write_file(path, chosen.rows, 0, chosen.clean)
        print(f"file: {chosen.rows} rows, {path.stat().st_size / 2**20:.0f} MB", flush=True)
        bare = read_bare(path, folder)
        if chosen.encoding == "gb18030":
            path, seconds = transcode(path)
            bare += seconds
        print(f"bare typed read_csv: {bare:.1f} s, {chosen.rows / bare:.0f} rows/s", flush=True)
        ours, said = load(path, folder / "home")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"load: {ours:.1f} s, {chosen.rows / ours:.0f} rows/s, peak memory {memory:.1f} GB; {said}")
        print(f"ratio: {bare / ours:.2f} (bar {BAR})")
        return 0 if bare / ours >= BAR and memory < 8 else 1
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
