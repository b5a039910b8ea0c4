"""The SQL that checks a batch: types, lengths, code sets and rules, all reasons of each row.

Set-based: one statement over the temporary table ``incoming``, whatever the number of rows.
"""

from __future__ import annotations

from datetime import date

from warehouse.feeds.contract import ContractColumn, Feed, columns_of


def checked_rows_sql(feed: type[Feed], known_on: date) -> str:
    """``create temp table checked``: typed columns, ``_row`` and ``_reasons`` (list of texts).

    ``known_on`` is the delivery date of the file, which no period may lie after.
    """
    columns = columns_of(feed)
    cleaned = ",\n        ".join(f"nullif(trim({each.name}), '') as {each.name}" for each in columns)
    typed = ",\n        ".join(f"{_typed(each)} as {each.name}" for each in columns)
    texts = ",\n        ".join(f"{each.name} as _text_{each.name}" for each in columns)
    reasons = [reason for each in columns for reason in _column_reasons(each)]
    reasons += [
        f"case when not ({rule.holds}) then '{rule.code}: {rule.zh}' end"
        for rule in feed.rules
        if rule.severity == "reject"
    ]
    listed = ",\n            ".join(reasons)
    return f"""
create or replace temp table checked as
with cleaned as (
    select
        _row,
        {cleaned}
    from incoming
),
typed as (
    select
        _row,
        date '{known_on}' as known_on,
        {typed},
        {texts}
    from cleaned
)
select
    * exclude (known_on),
    list_filter([
            {listed}
        ], lambda reason: reason is not null) as _reasons
from typed
"""


def duplicate_rows_sql(feed: type[Feed]) -> str:
    """``create temp table repeated``: rows of one key, split into identical and contradicting ones."""
    names = [each.name for each in columns_of(feed)]
    keys = ", ".join(each.name for each in columns_of(feed) if each.is_key)
    content = ", ".join(f"{name} := {name}" for name in names)
    return f"""
create or replace temp table repeated as
with numbered as (
    select
        _row,
        hash(struct_pack({content})) as content,
        row_number() over (partition by {keys} order by _row) as occurrence,
        first_value(hash(struct_pack({content}))) over (partition by {keys} order by _row)
            as first_content,
        first_value(_row) over (partition by {keys} order by _row) as first_row
    from checked
    where len(_reasons) = 0
)
select _row, first_row, content = first_content as is_identical
from numbered
where occurrence > 1
"""


def _typed(column: ContractColumn) -> str:
    if column.sql_type == "varchar":
        return column.name
    return f"try_cast({column.name} as {column.sql_type})"


def _column_reasons(column: ContractColumn) -> list[str]:
    name, text = column.name, f"_text_{column.name}"
    reasons = []
    if column.is_required:
        reasons.append(f"case when {text} is null then '{name}: 必填项为空' end")
    if column.length:
        reasons.append(
            f"case when length({text}) > {column.length} then '{name}: 超过 {column.length} 个字符' end"
        )
    if column.codes:
        allowed = ", ".join(f"'{code}'" for code in column.codes)
        reasons.append(
            f"case when {text} not in ({allowed}) then '{name}: 不在代码表中(' || {text} || ')' end"
        )
    if column.sql_type != "varchar":
        reasons.append(
            f"case when {text} is not null and {name} is null "
            f"then '{name}: 不能读作 {column.sql_type}(' || left({text}, 40) || ')' end"
        )
    if column.sql_type == "date":
        reasons.append(
            f"case when not regexp_full_match({text}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') "
            f"then '{name}: 日期须写作 年-月-日,如 2024-12-31(' || left({text}, 40) || ')' end"
        )
    if column.sql_type.startswith("decimal"):
        reasons.append(
            f"case when try_cast({text} as decimal(38, 12)) <> {name} "
            f"then '{name}: 小数位超出合同(' || {text} || ')' end"
        )
    return reasons
