"""Loading and building the golden province, and reading what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.control.history import lock_month
from warehouse.home import init_home, writer
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import Settings
from warehouse.transform import run_models, set_parameters

FEEDS = Path(__file__).parent / "feeds"
LOCKED, LOCKED_ON = date(2024, 3, 1), date(2024, 5, 1)
MARTS = "+fct_benefit__growth_decomposition +fct_benefit__own_payment +fct_payment__institution_month"
INDICATORS = f"registry measure +ind_feed__period +ind_feed__growth {MARTS}"
Rows = list[tuple[Any, ...]]


def load(settings: Settings, files: Iterable[Path]) -> None:
    """Load files and build the indicators of the feeds."""
    with writer(settings):
        init_home(settings)
        if not settings.build_database.exists():
            lock_month(settings, LOCKED, LOCKED_ON)
        outcomes = list(ingest(files_in(list(files)), settings))
        assert {each.status for each in outcomes} == {"accepted"}, outcomes
        set_parameters(settings, None, None)
        result = run_models(settings, select=INDICATORS)
        assert not result.failures, result.failures


def rows(settings: Settings, query: str) -> Rows:
    """The rows of a query on the build database."""
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def values(settings: Settings) -> Rows:
    """All indicators of the feeds, without the dates of delivery."""
    return rows(
        settings,
        """
        select columns(* exclude (known_on, value_key))
        from (
            select * from ind.ind_feed__period union all by name select * from ind.ind_feed__growth
        )
        order by all
        """,
    )
