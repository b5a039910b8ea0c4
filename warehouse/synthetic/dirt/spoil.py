"""One file of the province rewritten as text, with the defects that are planted in it.

The rows keep their order; a further row stands directly behind the row it was made from, a repeated
one at the end. Which rows are taken is decided by ``Plan.uniform`` over the key alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.synthetic.dirt.defect import Defect
from warehouse.synthetic.export import CONTROL_TOTALS, FeedFile
from warehouse.synthetic.plan import Plan

# rows of a file stand this far apart, so that further rows fit between
SPACING = 1000
AT_THE_END = 1_000_000_000_000
LINE_MARK = "~line~"

# the key of a further row, over the row it is made from, the defect's number and the row's number
NEW_KEYS: dict[str, dict[str, str]] = {
    "person": {
        "psn_no": "left(psn_no, 20) || 'D' || _tag",
        "certno": "left(certno, 6) || 'D' || _tag",
    },
    "enrolment": {"psn_insu_rlts_id": "left(psn_insu_rlts_id, 20) || 'D' || _tag"},
    "contribution": {"clct_detl_id": "left(clct_detl_id, 20) || 'D' || _tag"},
    "settlement": {"setl_id": "left(setl_id, 20) || 'D' || _tag"},
    "settlement_fund_line": {"setl_id": "left(setl_id, 20) || 'D' || _tag"},
    "fee_summary": {"setl_id": "left(setl_id, 20) || 'D' || _tag"},
    "clearing": {"clr_appy_evt_id": "left(clr_appy_evt_id, 30) || 'D' || _tag"},
    "fund_ledger": {"ledger_version": "'快报'"},
    "institution": {},
    "assisted_roster": {"certno": "left(certno, 12) || 'D' || _tag"},
}


def table_of(file: FeedFile) -> str:
    """The table that holds the rewritten rows of a file."""
    return f'dirt."{file.name.split(".")[0]}"'


def read_rows(connection: duckdb.DuckDBPyConnection, plan: Plan, file: FeedFile, most: int) -> int:
    """Read up to ``most`` rows of the file in the order of their keys, and give their number."""
    keys = [each.name for each in columns_of(FEEDS[file.feed]) if each.is_key]
    order = ", ".join(keys)
    # only a big province has files that are longer
    rows = (
        f"select * from ({file.query}) order by {order} limit {most}"
        if plan.has_monthly_files
        else file.query
    )
    connection.execute(
        f"""
        create or replace temp table base as
        select row_number() over (order by {order}) * {SPACING} as _place,
            {plan.uniform("dirt", *keys)} as _draw, *
        from ({rows})
        """
    )
    return int(connection.execute("select count(*) from base").fetchall()[0][0])


def spoil(connection: duckdb.DuckDBPyConnection, file: FeedFile, defects: Sequence[Defect]) -> FeedFile:
    """Write the rows that were read to a table of texts, plant the defects, note the answers.

    Gives the file to be written instead, always a CSV.
    """
    columns = [each.name for each in columns_of(FEEDS[file.feed])]
    written = replace(file, name=f"{file.name.split('.')[0]}.csv")
    table = table_of(written)
    taken: list[int] = []
    changed: list[int] = []
    planted: list[str] = []
    for index, defect in enumerate(defects, start=1):
        places = _pick(connection, defect, taken)
        if places:
            planted += _selects(defect, index, places, columns)
            taken += places
            changed += places if defect.kind == "changed" else []
    connection.execute(
        f"""
        create or replace table {table} as
        select _place, cast(null as integer) as _defect, cast(null as varchar) as _clean, {_texts(columns, {})}
        from base where _place not in ({_listed(changed)})
        {"".join(f" union all {each}" for each in planted)}
        """
    )
    _answer(connection, written, table, defects)
    connection.execute(
        "insert into dirt.spoiled values (?, ?, ?, ?)", [file.feed, written.name, table, file.delivered_on]
    )
    return replace(
        written,
        query=f"select {', '.join(columns)} from {table} order by _place",
        stated=_control(connection, file.feed, table, defects),
    )


def _pick(connection: duckdb.DuckDBPyConnection, defect: Defect, taken: list[int]) -> list[int]:
    """The rows for a defect: those with the lowest draw that may be taken and are not."""
    rows = connection.execute(
        f"""
        select _place from base
        where _place not in ({_listed(taken)}) and ({defect.where})
        order by _draw, _place limit {defect.rows}
        """
    ).fetchall()
    return [int(place) for (place,) in rows]


def _selects(defect: Defect, index: int, places: list[int], columns: list[str]) -> list[str]:
    """SQL for the planted rows: their place, the defect's number, the cell as it was, all texts."""
    values = dict(defect.change)
    if defect.kind in ("new", "pair"):
        values = NEW_KEYS[defect.feed] | values
    if defect.kind == "line":
        values[columns[0]] = f"'{LINE_MARK}' || {columns[0]}"
    if defect.kind == "changed":
        was = f"cast({defect.column or 'null'} as varchar)"
        return [_select(index, places, "_place", was, _texts(columns, values))]
    place = f"_place + {AT_THE_END if defect.kind == 'again' else index}"
    rows = [_select(index, places, place, "null", _texts(columns, values))]
    if defect.kind == "pair":
        same_key = {name: sql for name, sql in values.items() if name not in defect.change}
        texts = _texts(columns, same_key)
        rows.append(_select(index, places, f"{place} + {SPACING // 2}", "null", texts))
    return rows


def _select(index: int, places: list[int], place: str, was: str, texts: str) -> str:
    return f"""
        select {place}, {index}, {was}, {texts}
        from (
            select *, {index} as _index, list_position([{_listed(places)}], _place) as _n,
                lpad('{index}', 3, '0') || lpad(cast(_n as varchar), 2, '0') as _tag
            from base where _place in ({_listed(places)})
        )
    """


def _texts(columns: list[str], values: dict[str, str]) -> str:
    return ", ".join(f"cast({values.get(name, name)} as varchar) as {name}" for name in columns)


def _listed(places: list[int]) -> str:
    return ", ".join(map(str, places)) or "-1"


def _answer(
    connection: duckdb.DuckDBPyConnection, file: FeedFile, table: str, defects: Sequence[Defect]
) -> None:
    if not defects:
        return
    # the cell as written and as it was, where a cell was changed
    shown = " ".join(
        f"when {index} then {each.column}" for index, each in enumerate(defects, 1) if each.column
    )
    written = f"case _defect {shown} end" if shown else "null"
    connection.execute(
        """create or replace temp table defect (
            number integer, code varchar, "column" varchar, kind varchar, expected varchar, rule varchar,
            note varchar
        )"""
    )
    connection.executemany(
        "insert into defect values (?, ?, nullif(?, ''), ?, ?, nullif(?, ''), ?)",
        [
            (index, each.code, each.column, each.kind, each.expected, each.rule, each.note)
            for index, each in enumerate(defects, start=1)
        ],
    )
    connection.execute(
        f"""
        insert into dirt.answer
        select '{file.name}', '{file.feed}', record, code, "column", kind, expected, rule,
            note || case when kind = 'changed' and was is distinct from is_now
                then ': ' || coalesce(was, '') || ' -> ' || replace(coalesce(is_now, ''), chr(10), ' ') else '' end
        from (
            select row_number() over (order by _place) as record, _defect, _clean as was, {written} as is_now
            from {table}
        ) inner join defect on number = _defect
        """
    )


def _control(
    connection: duckdb.DuckDBPyConnection, feed: str, table: str, defects: Sequence[Defect]
) -> dict[str, object]:
    """Control totals as the sender means them: over all records whose amount can be read, refused ones too."""
    columns = CONTROL_TOTALS.get(feed, ())
    if not columns:
        return {}
    broken = [index for index, each in enumerate(defects, start=1) if each.kind == "line"]
    sums = []
    for name in columns:
        respelled = [
            index
            for index, each in enumerate(defects, start=1)
            if each.kind == "changed" and each.expected == "repaired" and each.column == name
        ]
        meant = f"if({_is_one_of(respelled)}, _clean, {name})"
        total = f"sum(try_cast({meant} as decimal(20, 2))) filter (where not {_is_one_of(broken)})"
        sums.append(f"cast(coalesce({total}, 0) as varchar)")
    row = connection.execute(f"select {', '.join(sums)} from {table}").fetchall()[0]
    return {"totals": dict(zip(columns, row, strict=True))}


def _is_one_of(defects: list[int]) -> str:
    return f"coalesce(_defect in ({', '.join(map(str, defects))}), false)" if defects else "false"
