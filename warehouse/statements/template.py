"""The template language: a YAML file that says how one layout is read. See docs/statements.md."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from warehouse.feeds.published_statistic import FUND_SCOPES, PERIOD_BASES, SCHEMES
from warehouse.settings import SEEDS
from warehouse.statements.vocabulary import UNITS, kind_of
from warehouse.texts import Refused

SHIPPED = SEEDS / "statements" / "templates"
CELL = re.compile(r"^([A-Z]{1,3})([1-9]\d*)$")


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
    sheet: str | int | None = None
    source: Source
    report_status: Literal["final", "preliminary", "unstated"] = "unstated"
    region: Region | None = None
    period: Period | None = None
    first_row: int = Field(default=2, ge=1)
    last_row: int | None = None
    label: str = "A"
    unit: str | None = None
    unit_column: str | None = None
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


def load_template(path: Path) -> Template:
    """The template in ``path``; raises ``Refused`` naming the line or field that is wrong."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
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
            f"模板 {path.name} 的 {place} 有误:{first['msg']}",
            f"{place} of the template {path.name} is wrong: {first['msg']}",
        ) from error
    _require_layout_parts(template, path.name)
    return template


def shipped_templates() -> list[Template]:
    """The templates that come with the project."""
    return [load_template(path) for path in sorted(SHIPPED.glob("*.yml"))]


def _require_layout_parts(template: Template, name: str) -> None:
    if template.layout == "grid":
        needed = {"region": template.region, "period": template.period, "columns": template.columns}
        missing = [part for part, value in needed.items() if not value]
        if any(
            isinstance(value, ListColumn) and value != ListColumn() for value in template.columns.values()
        ):
            missing.append("columns (grid)")
    else:
        wanted = ("region_name", "scheme", "item", "value", "unit", "period_end", "period_basis")
        missing = [part for part in wanted if part not in template.columns]
    if missing:
        listed = "、".join(missing)
        raise Refused(f"模板 {name} 缺少 {listed}。", f"The template {name} lacks {', '.join(missing)}.")
