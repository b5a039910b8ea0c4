"""The release as an asset: written only after every model and test has passed, with checks of its own."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from orchestration.lib.holding import holding
from warehouse.clock import today
from warehouse.feeds.timing import month_before
from warehouse.months.checklist import unmet_checks, warned_tests
from warehouse.months.expected import expected, has_platform_data
from warehouse.release.pointer import Release, served
from warehouse.release.write import release
from warehouse.settings import Settings

RELEASE = dg.AssetKey("release")
CHECKS = {
    "is_served": "正在服务的就是本次写成的版本 / readers see this release",
    "tests_without_warning": "随版本发布的检验警告 / warnings carried into the release",
    "reconciliations_met": "勾稽在容差之内 / reconciliations within tolerance",
    "deliveries_on_time": "上月应到的数据没有逾期 / no delivery of last month is overdue",
}
Event = dg.MaterializeResult[None] | dg.AssetCheckResult


def release_asset(settings: Settings, models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The served release, downstream of all models."""
    spec = dg.AssetSpec(RELEASE, deps=list(models.keys), group_name="release", kinds={"duckdb"})
    check_specs = [dg.AssetCheckSpec(name, asset=RELEASE, description=text) for name, text in CHECKS.items()]

    @dg.multi_asset(specs=[spec], check_specs=check_specs, name="release")
    def served_release(context: dg.AssetExecutionContext) -> Iterator[Event]:
        with holding(context, settings):
            written = release(settings, lambda text: context.log.info(str(text)))
        manifest = written.manifest()
        yield dg.MaterializeResult(
            asset_key=RELEASE,
            metadata={
                "release_id": written.release_id,
                "data_to": manifest["data_to"],
                "known_on": manifest["known_on"],
                "tables": len(manifest["tables"]),
            },
        )
        yield from _checks(settings, written)

    return served_release


def _checks(settings: Settings, written: Release) -> Iterator[dg.AssetCheckResult]:
    now = served(settings).release_id
    yield _result("is_served", now == written.release_id, {"served": now}, dg.AssetCheckSeverity.ERROR)
    warned = warned_tests(written.manifest())
    yield _result("tests_without_warning", not warned, {"tests": warned})
    unmet = unmet_checks(written, date.min, date.max)
    failed = [name for severity, name in unmet if severity == "error"]
    yield _result("reconciliations_met", not failed, {"failed": failed[:20], "differing": len(unmet)})
    overdue = []
    if has_platform_data(settings):
        lines = expected(settings, month_before(today()), today())
        overdue = [each.feed for each in lines if each.is_missing]
    yield _result("deliveries_on_time", not overdue, {"overdue": overdue})


def _result(
    name: str,
    passed: bool,
    metadata: dict[str, str | int | list[str]],
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN,
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed, asset_key=RELEASE, check_name=name, severity=severity, metadata=metadata
    )
