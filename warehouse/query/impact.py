"""From a delivered file forward to what rests on it: published figures, tables, pages, releases and exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.connections import open_release
from warehouse.control.exports import exports
from warehouse.control.history import batch_records
from warehouse.control.models import AuditEntry, BatchRecord
from warehouse.release.files import MART_SCHEMAS
from warehouse.release.pointer import STATISTICIAN, on_disk, served
from warehouse.settings import Settings
from warehouse.texts import Refused

# A printed value rests on the records it names. A value of the feeds rests on a batch when a term of its formula is
# made from the feed (by the lineage of its table) and one of the months the batch touched lies in those it covers: a
# stock covers every month until its end, a sum of twelve months the twelve before it, a growth also the year before.
FIGURES = """
with recursive chosen as (
    select batch_id, feed from reference.batch where list_contains($batches, batch_id)
),
touched as (
    select distinct feed_batch.feed, feed_batch.month_start
    from indicator.feed_batch
    inner join chosen on feed_batch.batch_id = chosen.batch_id
),
below as (
    select distinct feed, 'raw.' || feed as table_name from touched
    union
    select below.feed, lineage.child_name
    from reference.lineage
    inner join below on lineage.parent_name = below.table_name
),
term as (
    select metric_key, numerator_measure as measure_key, numerator_span as span from indicator.formula
    union
    select metric_key, denominator_measure, denominator_span from indicator.formula
    union
    select metric_key || '_growth', numerator_measure, numerator_span from indicator.formula
    union
    select metric_key || '_growth', denominator_measure, denominator_span from indicator.formula
),
resting as (
    select
        term.metric_key,
        touched.month_start,
        bool_or(measure.kind = 'stock') as is_stock,
        bool_or(term.span = 't12') as is_t12
    from term
    inner join indicator.measure on term.measure_key = measure.measure_key
    inner join touched on list_contains(string_split(measure.feeds, ';'), touched.feed)
    left join below on measure.mart = below.table_name and touched.feed = below.feed
    where measure.mart = '' or below.table_name is not null
    group by all
),
spans as (
    select
        value_key,
        metric_key,
        data_origin,
        period_end,
        case
            when ends_with(metric_key, '_growth') then period_start - interval 1 year
            else period_start
        end as first_day
    from indicator.value_full
),
hit as (
    select spans.value_key
    from spans
    semi join resting
        on
            spans.metric_key = resting.metric_key
            and resting.month_start <= spans.period_end
            and (
                resting.is_stock
                or resting.month_start = date '1900-01-01'
                or resting.month_start >= spans.first_day
                or (resting.is_t12 and resting.month_start > spans.period_end - interval 12 month)
            )
    where spans.data_origin <> 'published'
    union
    select value_batch.value_key
    from indicator.value_batch
    inner join chosen on value_batch.batch_id = chosen.batch_id
)
select
    spans.metric_key,
    registry.name_zh,
    registry.name_en,
    count(*) as figures,
    min(spans.period_end) as first_end,
    max(spans.period_end) as last_end
from spans
inner join hit on spans.value_key = hit.value_key
inner join indicator.registry on spans.metric_key = registry.metric_key
group by all
order by spans.metric_key
"""
BELOW = """
with recursive below (name, layer, label) as (
    select distinct 'raw.' || feed, '', '' from reference.batch where list_contains($batches, batch_id)
    union
    select lineage.child_name, lineage.child_layer, lineage.child_label
    from reference.lineage
    inner join below on lineage.parent_name = below.name
)
select distinct name, layer, label from below
where layer = 'page' or list_contains($schemas, split_part(name, '.', 1))
order by all
"""


@dataclass(frozen=True)
class Figures:
    """The published values of one metric that rest on the batches: how many, and between which ends of periods."""

    metric_key: str
    name_zh: str
    name_en: str
    figures: int
    first_end: date
    last_end: date


@dataclass(frozen=True)
class Impact:
    """What rests on some batches; ``release_id`` is the served release, in which figures and tables were looked up."""

    batches: tuple[BatchRecord, ...]
    release_id: str
    figures: tuple[Figures, ...]
    tables: tuple[str, ...]
    pages: tuple[str, ...]
    releases: tuple[str, ...]
    exports: tuple[AuditEntry, ...]


def impact(settings: Settings, named: str) -> Impact:
    """What rests on the batch ``named``, or on every batch of the file of that name.

    Raises ``Refused`` when nothing of that name was delivered.
    """
    batches = _batches(settings, named)
    ids = [each.batch_id for each in batches]
    release = served(settings)
    with open_release(release.file(STATISTICIAN), memory_mb=1024, threads=2) as connection:
        figures = tuple(Figures(*row) for row in connection.execute(FIGURES, {"batches": ids}).fetchall())
        below = connection.execute(BELOW, {"batches": ids, "schemas": MART_SCHEMAS}).fetchall()
    holding = tuple(
        each.release_id for each in on_disk(settings) if not set(ids).isdisjoint(each.manifest()["batches"])
    )
    return Impact(
        batches=tuple(batches),
        release_id=release.release_id,
        figures=figures,
        tables=tuple(name for name, layer, _ in below if layer != "page"),
        pages=tuple(label for _, layer, label in below if layer == "page"),
        releases=holding,
        exports=exports(settings, holding),
    )


def _batches(settings: Settings, named: str) -> list[BatchRecord]:
    """By batch id, else by the name a file was delivered under (a path counts by its last part)."""
    records = batch_records(settings)
    found = [each for each in records if each.batch_id == named]
    found = found or [each for each in records if Path(each.file_name).name == Path(named).name]
    if not found:
        raise Refused(
            f"没有名为 {named} 的文件或批次；送来过的见 reference.batch（file_name、batch_id）。",
            f"No file or batch is named {named}; those delivered are in reference.batch (file_name, batch_id).",
        )
    return found
