"""The template language: a YAML file that says how one layout is read. See docs/statements.md."""

from __future__ import annotations

import csv
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from warehouse.feeds.published.published_statistic import FUND_SCOPES, PERIOD_BASES, SCHEMES
from warehouse.settings import SEEDS
from warehouse.statements.texts import label_key
from warehouse.statements.vocabulary import UNITS, kind_of
from warehouse.texts import Refused

SHIPPED = SEEDS / "statements" / "templates"
CELL = re.compile(r"^([A-Z]{1,2})([1-9]\d{0,6})$")
LETTERS = r"^[A-Z]{1,2}$"


def _compiled(pattern: str | None) -> str | None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise ValueError(f"{pattern} is no regular expression ({error})") from error
    return pattern


class _NoRepeats(yaml.SafeLoader):
    """YAML keeps the last of two equal keys in silence; a label given twice would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        repeated = sorted({str(key) for key in keys if keys.count(key) > 1})
        if repeated:
            raise yaml.constructor.ConstructorError(
                None, None, f"{', '.join(repeated)} is given twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


REGIONS_TOTAL = ("regions",)
FROM_LABEL = "label"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dims(_Strict):
    """What a section, row or column says about its cells; later ones fill or override earlier ones."""

    item: str | None = None
    scheme: str | None = None
    fund_scope: str | None = None
    unit: str | None = None
    total_of: tuple[str, ...] | None = None
    of_which: bool | None = None
    region: str | None = None
    skip: str | None = None

    @field_validator("item")
    @classmethod
    def _known_item(cls, item: str | None) -> str | None:
        if item is not None and "{*}" not in item and kind_of(item) is None:
            raise ValueError(f"unknown item {item}")
        return item

    @field_validator("scheme")
    @classmethod
    def _known_scheme(cls, scheme: str | None) -> str | None:
        if scheme is not None and scheme not in SCHEMES:
            raise ValueError(f"unknown scheme {scheme}; one of {', '.join(SCHEMES)}")
        return scheme

    @field_validator("fund_scope")
    @classmethod
    def _known_scope(cls, scope: str | None) -> str | None:
        if scope is not None and scope not in FUND_SCOPES:
            raise ValueError(f"unknown fund_scope {scope}; one of {', '.join(FUND_SCOPES)}")
        return scope

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str | None) -> str | None:
        if unit is not None and unit not in UNITS:
            raise ValueError(f"unknown unit {unit}; one of {', '.join(UNITS)}")
        return unit

    @field_validator("total_of")
    @classmethod
    def _known_parts(cls, parts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if parts != REGIONS_TOTAL:
            for scheme in parts or ():
                cls._known_scheme(scheme)
        return parts


class Recognise(_Strict):
    """How a file of this layout is known: texts in certain cells, and a pattern of the file name."""

    cells: dict[str, str] = Field(min_length=1)
    file_name: str | None = None

    @field_validator("cells")
    @classmethod
    def _cell_names(cls, cells: dict[str, str]) -> dict[str, str]:
        for name in cells:
            if not CELL.match(name):
                raise ValueError(f"{name} is no cell such as A1")
        return cells

    @field_validator("file_name")
    @classmethod
    def _pattern(cls, pattern: str | None) -> str | None:
        return _compiled(pattern)


class Region(_Strict):
    """Where the statement is from; ``code`` and ``parent`` where they are known."""

    name: str
    code: str | None = None
    parent: str = "all"

    @property
    def key(self) -> str:
        """The code, or ``x-`` and the name for a region without one."""
        return self.code or f"x-{self.name}"


class Period(_Strict):
    """The period: fixed dates, or read from the file name or a cell (``2022年1-9月``, ``2023Q1`` …)."""

    basis: str | None = None
    start: date | None = None
    end: date | None = None
    read_from: str | None = Field(default=None, alias="from")
    pattern: str | None = None
    note: str | None = None

    @field_validator("basis")
    @classmethod
    def _known_basis(cls, basis: str | None) -> str | None:
        if basis is not None and basis not in PERIOD_BASES:
            raise ValueError(f"unknown basis {basis}; one of {', '.join(PERIOD_BASES)}")
        return basis

    @field_validator("read_from")
    @classmethod
    def _place(cls, place: str | None) -> str | None:
        if place is not None and place != "file_name" and not CELL.match(place):
            raise ValueError(f"{place} is neither file_name nor a cell such as A1")
        return place

    @field_validator("pattern")
    @classmethod
    def _known_groups(cls, pattern: str | None) -> str | None:
        if pattern is not None and "(?P<year>" not in pattern:
            raise ValueError("the pattern needs a group (?P<year>...)")
        return _compiled(pattern)


class Source(_Strict):
    """Who published it."""

    title: str
    publisher: str
    reliability: str = "B"


class ListColumn(_Strict):
    """One field of a list layout: the columns it is read from and how their words map to ours."""

    column: str | None = None
    join: tuple[str, ...] = ()
    map: dict[str, str | None] = Field(default_factory=dict)
    default: str | None = None


class Override(_Strict):
    """A correction of our reading for rows of one statement, with its reason."""

    when: dict[str, str]
    set: dict[str, str]
    reason: str


class Template(_Strict):
    """A layout. ``grid``: labels down, columns across. ``list``: one printed cell a row."""

    template: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    describes: str
    layout: Literal["grid", "list"] = "grid"
    recognise: Recognise
    sheet: str | Annotated[int, Field(ge=1)] | None = None
    source: Source
    report_status: Literal["final", "preliminary", "unstated"] = "unstated"
    region: Region | None = None
    regions: dict[str, Region] = Field(default_factory=dict)
    period: Period | None = None
    first_row: int = Field(default=2, ge=1)
    last_row: int | None = None
    label: str = Field(default="A", pattern=LETTERS)
    unit: str | None = None
    unit_column: str | None = Field(default=None, pattern=LETTERS)
    sections: dict[str, Dims] = Field(default_factory=dict)
    rows: dict[str, Dims] = Field(default_factory=dict)
    columns: dict[str, Dims | ListColumn] = Field(default_factory=dict)
    default_scope: dict[str, str] = Field(
        default_factory=lambda: {"employee": "total", "all": "total", "*": "pool"}
    )
    overrides: tuple[Override, ...] = ()

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str | None) -> str | None:
        return Dims._known_unit(unit)

    @field_validator("default_scope")
    @classmethod
    def _known_scopes(cls, scopes: dict[str, str]) -> dict[str, str]:
        for scheme, scope in scopes.items():
            Dims(scheme=None if scheme == "*" else scheme, fund_scope=scope)
        return scopes


def load_template(path: Path) -> Template:
    """The template in ``path``; raises ``Refused`` naming the line or field that is wrong."""
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8-sig"), _NoRepeats)
        if not isinstance(content, dict):
            raise Refused(
                f"模板 {path.name} 不是由“名称: 值”组成的 YAML。",
                f"The template {path.name} is not a YAML of `name: value` lines.",
            )
        template = Template.model_validate(content)
    except OSError as error:
        raise Refused(
            f"无法读取模板 {path}:{error.strerror}。", f"Cannot read the template {path}: {error.strerror}."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = " ".join(str(error).split())
        raise Refused(
            f"模板 {path.name} 不是合法的 YAML:{place}", f"The template {path.name} is no valid YAML: {place}"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refused(
            f"模板 {path.name} 的 {place} 有误：{first['msg']}",
            f"{place} of the template {path.name} is wrong: {first['msg']}",
        ) from error
    _require_layout_parts(template, path.name)
    return template


@cache
def shipped_regions() -> dict[str, Region]:
    """The regions of ``seeds/reference/region.csv`` by their full and short names, as label keys."""
    with (SEEDS / "reference" / "region.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    known = {}
    for column in ("short_name", "region_name"):
        for row in rows:
            region = Region(
                name=row["region_name"], code=row["region_code"], parent=row["parent_code"] or "all"
            )
            known[label_key(row[column])] = region
    return known


@cache
def shipped_templates() -> tuple[Template, ...]:
    """The templates that come with the project, read once a process."""
    return tuple(load_template(path) for path in sorted(SHIPPED.glob("*.yml")))


def _require_layout_parts(template: Template, name: str) -> None:
    if template.layout == "grid":
        needed = {"region": template.region, "period": template.period, "columns": template.columns}
        missing = [part for part, value in needed.items() if not value]
        if any(
            isinstance(value, ListColumn) and value != ListColumn() for value in template.columns.values()
        ):
            missing.append("columns (grid)")
        wrong = [key for key in template.columns if not re.match(LETTERS, key)]
        if wrong:
            raise Refused(
                f"模板 {name} 的 columns 中 {'、'.join(wrong)} 不是列号（如 B）。",
                f"{', '.join(wrong)} under columns of the template {name} is no column letter such as B.",
            )
    else:
        wanted = ("region_name", "scheme", "item", "value", "unit", "period_end", "period_basis")
        given = {key: value for key, value in template.columns.items() if isinstance(value, ListColumn)}
        missing = [part for part in wanted if part not in given]
        if not missing and not given["value"].column:
            missing.append("columns.value.column")
        if template.first_row < 2:
            missing.append("first_row ≥ 2")
    if missing:
        listed = "、".join(missing)
        raise Refused(f"模板 {name} 缺少 {listed}。", f"The template {name} lacks {', '.join(missing)}.")
