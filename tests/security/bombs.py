"""The bombs of ``bombs.sql``: some are too long to be written down and are made here."""

from __future__ import annotations

from hostile import listed

MADE = {
    "{nested select (}": "select * from (" * 5_000 + "select 1" + ")" * 5_000,
    "{nested parentheses}": "select " + "(" * 40_000 + "1" + ")" * 40_000,
    "{nested functions}": "select " + "abs(" * 10_000 + "1" + ")" * 10_000,
    "{nested lists}": "select " + "[" * 20_000 + "1" + "]" * 20_000,
    "{nested case}": "select " + "case when true then " * 3_000 + "1" + " end" * 3_000,
    "{many columns}": "select " + ", ".join(f"{n} as c{n}" for n in range(6_000)) + " from range(1000000)",
    "{many unions}": " union all ".join(["select 1"] * 8_000),
    "{many joins}": "select count(*) from "
    + ", ".join(f"indicator.value v{n}" for n in range(300))
    + " where "
    + " and ".join(f"v{n}.value = v{n + 1}.value" for n in range(299)),
    "{many ctes}": "with c0 as (select 1 as n), "
    + ", ".join(f"c{n} as (select a.n from c{n - 1} a, c{n - 1} b)" for n in range(1, 60))
    + " select count(*) from c59",
    "{many conditions}": "select 1 where " + " or ".join(["random() > 2"] * 6_000),
    "{long in}": f"select 1 where 1 in ({', '.join(map(str, range(15_000)))})",
    "{long text}": f"select length('{'字' * 99_000}')",
    "{long comment}": f"select 1 /* {'x' * 2_000_000} */",
    "{wide values}": "values " + ", ".join(["(1)"] * 24_000),
    "{grouping sets}": "select count(*) from range(1000) as t (i) group by grouping sets ("
    + ", ".join(["(i)"] * 9_000)
    + ")",
    "{cube}": "select count(*) from (select "
    + ", ".join(f"i % {n + 2} as c{n}" for n in range(16))
    + " from range(100000) as t (i)) group by cube ("
    + ", ".join(f"c{n}" for n in range(16))
    + ")",
}


def bombs() -> list[str]:
    """Every bomb, made or written."""
    return [MADE.get(line, line) for line in listed("bombs.sql")]
