"""The template language: a YAML file that says how one layout is read. See docs/statements.md."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from warehouse.feeds.published.published_statistic import FUND_SCOPES, PERIOD_BASES, SCHEMES
from warehouse.settings import SEEDS
from warehouse.statements.texts import label_key
from warehouse.statements.vocabulary import UNITS, kind_of
from warehouse.texts import Refused, Text

SHIPPED = SEEDS / "statements" / "templates"
CELL = re.compile(r"^([A-Z]{1,2})([1-9]\d{0,6})$")
LETTERS = r"^[A-Z]{1,2}$"


class Wrong(ValueError):
    """A value of a template that cannot be, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def _compiled(pattern: str | None) -> str | None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise Wrong(
            f"{pattern} 不是正则表达式（regular expression）", f"{pattern} is no regular expression ({error})"
        ) from error
    return pattern


def _one_of(value: str | None, known: Iterable[str], zh: str, en: str) -> str | None:
    if value is not None and value not in known:
        raise Wrong(
            f"{zh} {value} 不认识；可用：{'、'.join(known)}",
            f"unknown {en} {value}; one of {', '.join(known)}",
        )
    return value


def _place(value: str, zh: str = "") -> str:
    if not CELL.match(value):
        raise Wrong(f"{value} 不是单元格（如 A1）{zh}", f"{value} is no cell such as A1")
    return value


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
LAST_YEAR = "last_year"
Figures = Literal["actual", "budget"]


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
    period: str | None = None
    basis: str | None = None
    figures: Figures | None = None
    label: str | None = Field(default=None, pattern=LETTERS)
    skip: str | None = None

    @field_validator("item")
    @classmethod
    def _known_item(cls, item: str | None) -> str | None:
        if item is not None and "{*}" not in item and kind_of(item) is None:
            raise Wrong(
                f"项目 {item} 不认识；见 docs/statements.md", f"unknown item {item}; see docs/statements.md"
            )
        return item

    @field_validator("scheme")
    @classmethod
    def _known_scheme(cls, scheme: str | None) -> str | None:
        return _one_of(scheme, SCHEMES, "险种", "scheme")

    @field_validator("fund_scope")
    @classmethod
    def _known_scope(cls, scope: str | None) -> str | None:
        return _one_of(scope, FUND_SCOPES, "口径", "fund_scope")

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str | None) -> str | None:
        return _one_of(unit, UNITS, "单位", "unit")

    @field_validator("basis")
    @classmethod
    def _known_basis(cls, basis: str | None) -> str | None:
        return _one_of(basis, PERIOD_BASES, "basis", "basis")

    @field_validator("total_of")
    @classmethod
    def _known_parts(cls, parts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if parts is None or parts == REGIONS_TOTAL:
            return parts
        if all(kind_of(part) for part in parts) or not any(part.isascii() for part in parts):
            return parts  # items, or regions by name
        for scheme in parts:
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
            _place(name)
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
        return _one_of(basis, PERIOD_BASES, "basis", "basis")

    @field_validator("read_from")
    @classmethod
    def _known_place(cls, place: str | None) -> str | None:
        return place if place is None or place == "file_name" else _place(place, "，也不是 file_name")

    @field_validator("pattern")
    @classmethod
    def _known_groups(cls, pattern: str | None) -> str | None:
        if pattern is not None and "(?P<year>" not in pattern:
            raise Wrong("pattern 要有 (?P<year>…)", "the pattern needs a group (?P<year>...)")
        return _compiled(pattern)


Letter = Annotated[str, Field(pattern=LETTERS)]
Label = Letter | Annotated[tuple[Letter, ...], Field(min_length=1)]


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
    label: Label = "A"
    figures: Figures = "actual"
    scaled: Literal["shown", "stored"] | None = None
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

    @field_validator("sections", "rows")
    @classmethod
    def _label_of_columns_only(cls, named: dict[str, Dims]) -> dict[str, Dims]:
        for name, dims in named.items():
            if dims.label is not None:
                raise Wrong(
                    f"“{name}”写了 label；label 只能写在列上", f"'{name}' says label; only a column may"
                )
        return named

    @property
    def labels(self) -> tuple[str, ...]:
        """The label columns, the coarsest first."""
        return (self.label,) if isinstance(self.label, str) else self.label


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
        asked = "ListColumn" if content.get("layout") == "list" else "Dims"
        errors = error.errors()
        first = next((each for each in errors if asked in each["loc"]), errors[0])
        place = ".".join(str(part) for part in first["loc"] if part not in ("Dims", "ListColumn"))
        said = said_of(first)
        raise Refused(
            f"模板 {path.name} 的 {place} 有误：{said.zh}。",
            f"{place} of the template {path.name} is wrong: {said.en}.",
        ) from error
    _require_layout_parts(template, path.name)
    return template


def said_of(error: ErrorDetails) -> Text:
    """What is wrong with a value, without the words of the checking library."""
    own = error.get("ctx", {}).get("error")
    if isinstance(own, Wrong):
        return own.text
    given = " ".join(str(error["input"]).split())[:40]
    kinds = {
        "extra_forbidden": Text("没有这个键", "there is no such key"),
        "missing": Text("缺少这一项", "it is missing"),
        "string_pattern_mismatch": Text(f"“{given}”的写法不对", f"'{given}' is not written as it must be"),
        "too_short": Text("不能是空的", "it must not be empty"),
        "literal_error": Text(
            f"“{given}”不在可用的词中：{error.get('ctx', {}).get('expected', '').replace(' or ', '、')}",
            f"'{given}' is none of {error.get('ctx', {}).get('expected', '')}",
        ),
    }
    if error["type"] in kinds:
        return kinds[error["type"]]
    wanted = next((text for kind, text in WANTED if error["type"].startswith(kind)), None)
    if wanted is None:
        return Text(f"“{given}”不能用在这里", f"'{given}' cannot stand here")
    return Text(f"“{given}”不是{wanted.zh}", f"'{given}' is no {wanted.en}")


WANTED = (
    ("string", Text("文字（数字请加引号）", "text (quote a number)")),
    ("date", Text("日期（如 2025-03-31）", "date such as 2025-03-31")),
    ("int", Text("整数", "whole number")),
    ("greater", Text("足够大的数", "number that is large enough")),
    ("bool", Text("true 或 false", "true or false")),
    ("model", Text("“{名称: 值}”", "{name: value}")),
    ("dict", Text("“{名称: 值}”", "{name: value}")),
    ("tuple", Text("清单 […]", "list [...]")),
)


@cache
def shipped_regions() -> dict[str, Region]:
    """The regions that the project knows by their names, short names and aliases, as label keys."""
    with (SEEDS / "reference" / "region.csv").open(encoding="utf-8") as stream:
        by_code = {row["region_code"]: row for row in csv.DictReader(stream)}
    regions = {
        code: Region(name=row["region_name"], code=code, parent=row["parent_code"] or "all")
        for code, row in by_code.items()
    }
    with (SEEDS / "reference" / "region_alias.csv").open(encoding="utf-8") as stream:
        known = {
            label_key(row["alias"]): regions[row["region_code"]]
            for row in csv.DictReader(stream)
            if row["region_code"] and "市辖区合计" not in row["note"]
        }
    for column in ("short_name", "region_name"):
        known |= {label_key(row[column]): regions[code] for code, row in by_code.items()}
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
