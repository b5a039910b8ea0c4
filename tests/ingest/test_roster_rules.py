"""Rules over a whole roster look at what is accepted of it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.home import init_home, writer
from warehouse.ingest.deliver import ingest
from warehouse.settings import load_settings

HEADER = "certno,name,admdvs,grp,ym,begin_date\n"


def roster(month: str, persons: int, refused: int) -> str:
    """A month's roster; the refused rows have no day where one is due."""
    good = [f"{999999199001010000 + each},参保人,460100,低保,{month},2023-01-01" for each in range(persons)]
    bad = [f"{999999198001010000 + each},参保人,460100,低保,{month},某日" for each in range(refused)]
    return HEADER + "\n".join(good + bad) + "\n"


def test_refused_rows_are_no_change_in_persons(tmp_path: Path) -> None:
    """200 persons, then 209 accepted and 2 refused: 4.5 % more, not 5.5 %; with 211 accepted it is said."""
    settings = load_settings(tmp_path / "home")
    said = []
    with writer(settings):
        init_home(settings)
        for month, persons, refused in (
            ("202401", 200, 0),
            ("202402", 209, 2),
            ("202403", 211, 0),
            ("202404", 230, 2),
        ):
            path = tmp_path / f"assisted_roster_{month}.csv"
            path.write_text(roster(month, persons, refused), encoding="utf-8")
            (outcome,) = ingest([path], settings)
            assert (outcome.status, outcome.rows_accepted, outcome.rows_refused) == (
                "accepted",
                persons,
                refused,
            )
            with duckdb.connect(str(settings.build_database), read_only=True) as connection:
                said += connection.execute(
                    "select ? from raw.finding where batch_id = ? and rule = 'persons_change'",
                    [month, outcome.batch_id],
                ).fetchall()
    assert said == [("202404",)]
