"""A small province with many small cells: two releases, and a few records that come after both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb

from warehouse.home import init_home, writer
from warehouse.ingest.deliver import files_in, ingest
from warehouse.release.pointer import Release
from warehouse.release.write import release
from warehouse.settings import PUBLISHED_DATA, Settings, load_settings
from warehouse.synthetic.generate import generate
from warehouse.synthetic.plan import Plan
from warehouse.transform import build, set_parameters

FEW, MANY = ("460100", 2), ("460200", 7)
"""County and number of its residents' outpatient records of June 2024 that come late."""
RECORDS = """
    select * replace (
        '99' || substr(setl_id, 3) as setl_id,
        'L' || substr(mdtrt_id, 2) as mdtrt_id,
        'L' || substr(medins_setl_id, 2) as medins_setl_id
    )
    from read_csv('{path}', all_varchar = true, header = true)
    where insutype = '390' and med_type = '11' and refd_setl_flag = '0' and vali_flag = '1'
    qualify row_number() over (partition by insu_admdvs order by setl_id)
        <= case insu_admdvs when '{few[0]}' then {few[1]} when '{many[0]}' then {many[1]} else 0 end
"""


class Released(NamedTuple):
    """A synthetic province beside the published data, as known in the tenth month and with all of its year."""

    settings: Settings
    early: Release
    late: Release
    records: Path


def released_province(folder: Path) -> Released:
    """Generate, load, build and release twice; ``records`` is a file that is not loaded yet."""
    generate(Plan(5_000, date(2024, 1, 1), date(2024, 12, 1), seed=5, is_clean=True), folder / "province")
    feeds, records = folder / "province" / "feeds", folder / "records" / "settlement_2024_late.csv"
    records.parent.mkdir()
    query = RECORDS.format(path=feeds / "settlement_2024-06.csv", few=FEW, many=MANY)
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{records}' (header, delimiter ',')")
    (records.parent / "manifest.yml").write_text(
        f"data_origin: synthetic\nfiles:\n  {records.name}:\n    delivered_on: 2025-03-10\n"
        f"    feed: settlement\n    rows: {FEW[1] + MANY[1]}\n",
        encoding="utf-8",
    )
    settings = load_settings(folder / "home")
    with writer(settings):
        init_home(settings)
        load(settings, PUBLISHED_DATA, feeds)
        releases = [build_and_release(settings, known_on) for known_on in (date(2024, 11, 20), None)]
    return Released(settings, *releases, records)


def load(settings: Settings, *folders: Path) -> None:
    """Load files; hold the writer's lock around it."""
    outcomes = list(ingest(files_in(list(folders)), settings))
    assert {each.status for each in outcomes} == {"accepted"}, outcomes


def build_and_release(settings: Settings, known_on: date | None = None) -> Release:
    """Build what was known on a day and release it; hold the writer's lock around it."""
    set_parameters(settings, None, known_on)
    build(settings)
    return release(settings)


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of a database file: a page that ran in this process may have the file open in its own way."""
    with TemporaryDirectory() as folder:
        copy = shutil.copyfile(path, Path(folder, path.name))
        with duckdb.connect(str(copy), read_only=True) as connection:
            yield connection


def rows(path: Path, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of a query on a database file."""
    with opened(path) as connection:
        return connection.execute(query, parameters or []).fetchall()
