"""A county's file says nothing of other counties' deliveries, and who sees one county decides for it only."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dashboards.services.visitors import Visitor
from warehouse.control.accounts import add_account, set_scope
from warehouse.control.actor import Actor, acting_as, deciding_actor
from warehouse.control.history import say_complete
from warehouse.control.models import DeliverySaid
from warehouse.home import init_home, writer
from warehouse.release.files import FILE_NAME, county_selections, fill
from warehouse.release.pointer import PROVINCE, STATISTICIAN, served
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused

SECRET = "a-long-passphrase-2026"
COUNTY, OTHER = "460200", "460300"


def test_no_file_name_of_a_delivery_is_in_a_county_file(released_home: Path) -> None:
    release = served(load_settings(released_home))
    names = _texts(release.file(STATISTICIAN), only=FILE_NAME)
    notes = _texts(
        release.file(STATISTICIAN), only="note"
    )  # of public documents: their authors name their sources
    assert len(names) > 3
    counties = [scope for scope in release.scopes() if scope not in (PROVINCE, STATISTICIAN)]
    assert counties
    for county in counties:
        held = _texts(release.file(county))
        assert not names & held
        assert not [text for text in held - notes for name in names if name in text]


def _texts(path: Path, only: str | None = None) -> set[str]:
    found: set[str] = set()
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where not internal and data_type = 'VARCHAR' and coalesce(column_name = $only, true)",
            {"only": only},
        ).fetchall()
        for schema, table, column in columns:
            rows = connection.execute(
                f'select distinct "{column}" from "{schema}"."{table}" where "{column}" is not null'
            ).fetchall()
            found |= {text for (text,) in rows}
    return found


def test_a_table_that_names_a_file_without_its_batch_names_none(tmp_path: Path) -> None:
    source, target = tmp_path / "source.duckdb", tmp_path / "target.duckdb"
    for path in (source, target):
        with duckdb.connect(str(path)) as connection:
            connection.execute(
                "create schema quality; create table quality.t (region_code varchar, file_name varchar not null)"
            )
            connection.execute("create table quality.u (batch_id varchar, file_name varchar)")
    with duckdb.connect(str(source)) as connection:
        connection.execute("insert into quality.t values ('460200', '三亚张三.csv')")
        connection.execute("insert into quality.u values ('b1', '三亚张三.csv'), ('b2', null)")
    fill(source, target, {"quality.t": "true", "quality.u": "true"}, selections=county_selections(source))
    with duckdb.connect(str(target)) as connection:
        assert connection.execute("select file_name from quality.t").fetchall() == [("",)]
        assert connection.execute("select file_name from quality.u order by batch_id").fetchall() == [
            ("b1",),
            (None,),
        ]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "home")
    with writer(settings):
        init_home(settings)
        add_account(settings, "chief", "operator", "province", SECRET)
        with acting_as(Actor("chief")):
            add_account(settings, "sanya", "operator", COUNTY, SECRET)
    return settings


@pytest.mark.parametrize("action", ["release.serve", "user.add", "quarantine.retry", "compact", "month.lock"])
def test_an_operator_of_a_county_decides_nothing_of_the_province(action: str, home: Settings) -> None:
    with acting_as(Actor("sanya")), pytest.raises(Refused, match="数据范围"):
        deciding_actor(home, action)
    with acting_as(Actor("chief")):
        assert deciding_actor(home, action).name == "chief"


def test_an_operator_of_a_county_speaks_for_its_deliveries(home: Settings) -> None:
    def said(region_code: str) -> DeliverySaid:
        return DeliverySaid(
            feed="settlement", region_code=region_code, month=date(2025, 6, 1), reason="全月停机",
            said_on=date(2025, 7, 1),
        )  # fmt: skip

    with acting_as(Actor("sanya")):
        say_complete(home, said(COUNTY))
        for region_code in (OTHER, "", "all"):
            with pytest.raises(Refused, match="数据范围"):
                say_complete(home, said(region_code))


def test_the_last_operator_of_the_province_stays_one(home: Settings, tmp_path: Path) -> None:
    with acting_as(Actor("chief")), pytest.raises(Refused, match="最后一个"):
        set_scope(home, "chief", COUNTY)
    new = load_settings(tmp_path / "new")
    with writer(new):
        init_home(new)
        with pytest.raises(Refused, match="第一个账户"):
            add_account(new, "sanya", "operator", COUNTY, SECRET)


def test_an_operator_of_a_county_sees_no_page_of_all_deliveries() -> None:
    assert "operator" not in Visitor("sanya", "operator", COUNTY, False).parts
    assert "operator" in Visitor("chief", "operator", "460000", False).parts
