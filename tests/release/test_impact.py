"""What rests on a file: every figure that would be another one without it, and where it was shown."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from commands import Command

from warehouse.control.exports import exports
from warehouse.query.impact import Impact, impact
from warehouse.release.pointer import served
from warehouse.settings import PROJECT_ROOT, load_settings
from warehouse.texts import Refused

FEEDS = PROJECT_ROOT / "tests" / "golden" / "feeds"
LEFT_OUT = (
    "settlement_2023@2024-01-10.csv",
    "clearing_2024@2025-01-10.csv",
    "grouping_2023@2025-01-20.csv",
    "reference_figure_2024@2025-01-10.csv",
)


@pytest.fixture(scope="module")
def home_without(released_home: Path, tmp_path_factory: pytest.TempPathFactory, yibao: Command) -> Path:
    """The golden province as it would be if some files had never come; built, not released."""
    home = tmp_path_factory.mktemp("without") / "home"
    shutil.copytree(released_home, home)
    kept = [each for each in FEEDS.iterdir() if each.name not in LEFT_OUT]
    for arguments in (("month", "lock", "2024-03", "--on", "2024-05-01"), ("ingest", *kept), ("build",)):
        finished = yibao(*arguments, "--home", home)
        assert finished.returncode == 0, finished.stderr
    return home


def found(home: Path, *names: str) -> list[Impact]:
    return [impact(load_settings(home), name) for name in names]


def test_every_figure_that_a_file_changes_is_named(province_home: Path, home_without: Path) -> None:
    """Those of periods that are incomplete without the file fall away; of the others no change goes unnamed."""
    named: Counter[str] = Counter()
    for each in found(province_home, *LEFT_OUT):
        assert each.figures
        named.update({figures.metric_key: figures.figures for figures in each.figures})
    with duckdb.connect(":memory:") as connection:
        for name, home in (("whole", province_home), ("without", home_without)):
            connection.execute(f"attach '{home / 'build.duckdb'}' as {name} (read_only)")
        changed = connection.execute(
            """
            select old.metric_key, count(*)
            from whole.indicator.value_full as old
            inner join without.indicator.value_full as new using (value_key)  -- some fall away as incomplete
            where
                old.value is distinct from new.value
                or old.numerator is distinct from new.numerator
                or old.denominator is distinct from new.denominator
            group by old.metric_key
            """
        ).fetchall()
    assert len(changed) > 10
    assert {metric: count for metric, count in changed if count > named[metric]} == {}


def test_a_file_that_touches_nothing_of_a_metric_does_not_name_it(province_home: Path) -> None:
    (ledger,) = found(province_home, "fund_ledger_2024@2025-01-10.csv")
    metrics = {each.metric_key for each in ledger.figures}
    assert "fund_expense" in metrics
    assert not metrics & {"enrolled_persons", "hospitalisation_rate", "policy_pay_ratio_ip"}
    assert "fund.ledger" in ledger.tables
    assert "enrolment.month_end" not in ledger.tables
    assert any("领导页" in page for page in ledger.pages)


def test_a_printed_record_names_the_figures_made_of_it(province_home: Path) -> None:
    with duckdb.connect(
        str(served(load_settings(province_home)).file("statistician")), read_only=True
    ) as opened:
        batch_id, values = opened.execute(
            """
            select batch_id, count(distinct value_key) from indicator.value_batch
            group by 1 order by 2 desc, 1 limit 1
            """
        ).fetchall()[0]
    (printed,) = found(province_home, batch_id)
    assert sum(each.figures for each in printed.figures) == values


def test_releases_and_exports_are_named(province_home: Path, tmp_path: Path, yibao: Command) -> None:
    home = tmp_path / "home"
    shutil.copytree(province_home, home)
    taken = tmp_path / "taken.csv"
    asked = yibao("sql", "select 1 as one", "-o", taken, "--home", home)
    assert asked.returncode == 0, asked.stderr
    (ledger,) = found(home, str(FEEDS / "fund_ledger_2024@2025-01-10.csv"))
    now = served(load_settings(home)).release_id
    assert now in ledger.releases
    assert len(ledger.releases) == 1  # the release before the feeds came does not hold it
    (export,) = ledger.exports
    assert (export.subject, json.loads(export.details)) == (now, {"file": "taken.csv", "rows": 1})
    printed = yibao(
        "sql", "select 1 as one", "-o", tmp_path / "taken.txt", "--format", "table", "--home", home
    )
    assert printed.returncode == 0, printed.stderr
    assert [json.loads(each.details)["file"] for each in exports(load_settings(home), (now,))] == [
        "taken.txt",
        "taken.csv",
    ]
    said = yibao("impact", "fund_ledger_2024@2025-01-10.csv", "--home", home)
    assert said.returncode == 0, said.stderr
    assert "fund_expense" in said.stdout
    assert "taken.csv" in said.stdout


def test_what_was_never_delivered_is_refused(province_home: Path) -> None:
    with pytest.raises(Refused, match=r"nothing\.csv"):
        found(province_home, "nothing.csv")
