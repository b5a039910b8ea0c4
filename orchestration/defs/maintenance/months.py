"""Months as partitions: computing a range of them anew, and closing one."""

from datetime import date

import dagster as dg
from pydantic import Field

from orchestration.lib.freshness import MONTHS
from orchestration.lib.holding import holding
from warehouse import transform
from warehouse.clock import today
from warehouse.months.close import close_month
from warehouse.settings import Settings

BUILT = dg.AssetKey(["raw", "built_batch"])
CLOSED = dg.AssetKey(["raw", "month_lock"])


class CloseConfig(dg.Config):
    """Why a month is closed although items of its checklist are open; empty: it is not."""

    despite: str = Field(default="", description="未了事项仍月结的理由 / why, with open items")


def backfill_asset(settings: Settings) -> dg.AssetsDefinition:
    """Which batches the incremental models have seen; running it for months lets them be computed anew."""

    @dg.asset(
        key=BUILT,
        deps=[dg.AssetKey(["raw", "batch"])],
        group_name="maintenance",
        partitions_def=MONTHS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        description="重算月份：所选各月在同一次运行中重新计算 / months to compute anew, as one run",
    )
    def built_batch(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        first, last = (
            date.fromisoformat(key) for key in (context.partition_keys[0], context.partition_keys[-1])
        )
        with holding(context, settings):
            batches = transform.forget_months(settings, first, last)
        context.log.info(
            f"{first:%Y-%m} … {last:%Y-%m}: {batches} 个批次重新计入 / batches are computed again"
        )
        return dg.MaterializeResult(metadata={"batches": batches})

    return built_batch


def close_asset(settings: Settings) -> dg.AssetsDefinition:
    """The lock of a month, refused while items of its checklist are open; a build then makes it final."""

    @dg.asset(
        key=CLOSED,
        deps=[dg.AssetKey(["raw", "batch"])],
        group_name="maintenance",
        partitions_def=MONTHS,
        description="月结：核对清单并锁定 / the checklist, then the lock",
    )
    def month_lock(context: dg.AssetExecutionContext, config: CloseConfig) -> dg.MaterializeResult[None]:
        month = date.fromisoformat(context.partition_key)
        with holding(context, settings):
            items = close_month(settings, month, today(), config.despite or None)
        for item in items:
            context.log.info(str(item))
        return dg.MaterializeResult(metadata={item.code: f"{item.state}: {item.text}" for item in items})

    return month_lock
