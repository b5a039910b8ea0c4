"""The unit tests of the dbt models: each is named after the rule that it shows on a few made rows."""

from __future__ import annotations

from dbt.cli.main import dbtRunner

from warehouse.settings import Settings
from warehouse.transform import dbt_environment


def test_every_rule_of_the_models_holds(own_home: Settings) -> None:
    with dbt_environment(own_home):
        outcome = dbtRunner().invoke(["test", "--quiet", "--select", "test_type:unit"])
    assert outcome.exception is None
    failed = {each.node.name: each.message for each in outcome.result if str(each.status) != "pass"}
    assert failed == {}
    assert len(outcome.result) > 30
