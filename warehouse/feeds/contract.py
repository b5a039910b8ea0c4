"""What a feed is: one SQLModel class from which reader, checks, raw table and dictionary come.

The class is declared on a metadata of its own, apart from the control database's, so that Alembic
never creates a feed there. Contracts describe; rows are checked by the SQL generated from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal

from sqlalchemy import Column, Date, DateTime, Integer, Numeric, String
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from warehouse.texts import Text

FEED_REGISTRY = registry()
PLATFORM = Text("省级医保信息平台", "provincial platform")

# reject: the row is kept out, for repair; wait: kept out until the row it names arrives;
# set_aside: kept apart, no record of the feed;
# blank: taken without the value; warn: taken and reported
Severity = Literal["reject", "wait", "set_aside", "blank", "warn"]
Sensitivity = Literal["open", "internal", "pseudonym", "personal"]
Cadence = Literal["daily", "monthly", "yearly", "irregular"]


@dataclass(frozen=True)
class Rule:
    """A condition over the typed columns of one row that must not be false.

    ``holds`` is a SQL predicate; NULL counts as held, so required columns are declared as such.
    ``known_on`` stands for the delivery date of the file. With severity ``blank``, ``blanks`` names
    the column whose value is left out.
    """

    code: str
    holds: str
    severity: Severity
    zh: str
    en: str
    blanks: str | None = None


@dataclass(frozen=True)
class RowsRule:
    """A condition over several rows, of the batch or of feeds loaded before.

    ``breaking`` is a SQL query for the ``_row`` of each row that breaks it. ``batch`` names the typed rows
    of the file, ``raw.<feed>`` what was accepted before. The rule is not applied, and this is said,
    while a feed named in ``needs`` is empty. With severity ``wait`` the query has a second column
    ``awaited``: the key of the row of feed ``awaits`` (one key column) whose arrival may end the waiting.
    """

    code: str
    breaking: str
    severity: Severity
    zh: str
    en: str
    needs: tuple[str, ...] = ()
    awaits: str | None = None


@dataclass(frozen=True)
class BatchRule:
    """A condition over one number of the whole batch, such as a share of matched rows.

    ``measure`` is a SQL query for one number over ``batch`` and ``raw.<feed>``; ``holds`` a predicate over
    ``measure``. A broken ``reject`` refuses the batch as a whole. What breaks a rule with ``before_publication``
    is said with each release and stands against closing its months. A rule ``of_accepted`` looks at the rows
    that no other rule keeps out.
    """

    code: str
    measure: str
    holds: str
    severity: Literal["reject", "warn"]
    zh: str
    en: str
    needs: tuple[str, ...] = ()
    before_publication: bool = False
    of_accepted: bool = False


AnyRule = Rule | RowsRule | BatchRule

PERIOD_IS_PAST = Rule(
    "period_is_past",
    "period_end between date '1949-01-01' and known_on",
    "reject",
    "期末日期早于 1949 年，或晚于文件的交付日期",
    "the period ends before 1949 or after the file was delivered",
)


class Feed(SQLModel, registry=FEED_REGISTRY):
    """Base of all feed contracts. ``_batch_id`` and ``_row`` are added to every raw table.

    ``number`` is the feed's number in the source model (F01–F28), empty for published data. ``version``
    names the column that tells the newer of two rows with one key; without it a second row with the
    same key in one file is a contradiction. ``month`` is SQL for the month (first day) a row counts in.
    ``first_of`` is SQL over ``record`` for what models take from the first version that shows it, one of several in
    a row: compaction keeps that version.
    ``region_column`` names the region whose delivery a row belongs to.
    ``due_days`` says how long after the end of its day, month or year a delivery may take, where the source
    model says so (else the default of :mod:`warehouse.feeds.timing`); ``sender`` who delivers.
    """

    feed_zh: ClassVar[str]
    feed_en: ClassVar[str]
    number: ClassVar[str] = ""
    cadence: ClassVar[Cadence] = "irregular"
    version: ClassVar[str | None] = None
    month: ClassVar[str | None] = None
    first_of: ClassVar[str | None] = None
    region_column: ClassVar[str | None] = None
    due_days: ClassVar[int | None] = None
    sender: ClassVar[Text] = PLATFORM
    rules: ClassVar[tuple[AnyRule, ...]] = ()


@dataclass(frozen=True)
class ContractColumn:
    """One column of a feed as reader, checks, DDL and dictionary need it."""

    name: str
    sql_type: str
    length: int | None
    is_key: bool
    is_required: bool
    codes: tuple[str, ...]
    code_set: str | None
    unknown_code: Literal["reject", "warn"]
    unit: str | None
    sensitivity: Sensitivity
    aliases: tuple[str, ...]
    is_month: bool
    is_open_end: bool
    zh: str
    en: str


def column(
    kind: String | Numeric[Any] | Date | DateTime | Integer,
    *,
    zh: str,
    en: str,
    key: bool = False,
    required: bool = False,
    codes: tuple[str, ...] = (),
    code_set: str | None = None,
    unknown_code: Literal["reject", "warn"] = "warn",
    unit: str | None = None,
    sensitivity: Sensitivity = "internal",
    aliases: tuple[str, ...] = (),
    is_month: bool = False,
    is_open_end: bool = False,
) -> Any:
    """A contract column: type with length or scale, texts, codes, unit, sensitivity, header aliases.

    ``codes`` is a closed set that belongs to the contract; ``code_set`` names a dictionary in
    ``seeds/reference/feed_code.csv``, whose unknown codes keep their value and are reported unless
    ``unknown_code`` says ``reject``. ``is_month`` marks a text that holds a month as ``yyyymm``,
    ``is_open_end`` a date that says 9999-12-31 (or so) where there is no end. The Chinese text is itself
    accepted as a header.
    """
    info = {
        "zh": zh,
        "en": en,
        "codes": codes,
        "code_set": code_set,
        "unknown_code": unknown_code,
        "unit": unit,
        "sensitivity": sensitivity,
        "aliases": aliases,
        "is_month": is_month,
        "is_open_end": is_open_end,
    }
    return Field(sa_column=Column(kind, primary_key=key, nullable=not (key or required), info=info))


@cache
def columns_of(feed: type[Feed]) -> tuple[ContractColumn, ...]:
    """The columns of a contract in their declared order."""
    return tuple(
        ContractColumn(
            name=each.name,
            sql_type=_sql_type(each.type),
            length=each.type.length if isinstance(each.type, String) else None,
            is_key=each.primary_key,
            is_required=not each.nullable,
            **each.info,
        )
        for each in feed.__table__.columns  # type: ignore[attr-defined]  # set by table=True
    )


def name_of(feed: type[Feed]) -> str:
    """The feed's name on the command line and of its table ``raw.<name>``."""
    return str(feed.__tablename__)


def raw_table_ddl(feed: type[Feed]) -> str:
    """``create table if not exists raw.<feed>`` with lineage columns first."""
    lines = ["_batch_id varchar not null", "_row bigint not null"]
    for each in columns_of(feed):
        lines.append(f"{each.name} {each.sql_type}{' not null' if each.is_required else ''}")
    body = ",\n    ".join(lines)
    return f"create table if not exists raw.{name_of(feed)} (\n    {body}\n)"


def _sql_type(kind: object) -> str:
    if isinstance(kind, String):
        return "varchar"
    if isinstance(kind, DateTime):
        return "timestamp"
    if isinstance(kind, Date):
        return "date"
    if isinstance(kind, Integer):
        return "bigint"
    if isinstance(kind, Numeric):
        return f"decimal({kind.precision},{kind.scale})"
    raise TypeError(f"no DuckDB type for {kind!r}")
