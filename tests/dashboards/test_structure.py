"""What the dashboards promise about their own code."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

from dashboards import i18n
from warehouse.settings import SEEDS

ROOT = Path(__file__).resolve().parents[2]
DASHBOARDS = ROOT / "dashboards"
PAGES = sorted((DASHBOARDS / "app_pages").glob("*/*.py"))
SERVICES = sorted((DASHBOARDS / "services").glob("*.py"))
QUERIES = sorted((DASHBOARDS / "queries").glob("*.sql"))
SQL_TEXT = re.compile(
    r"\b(select\s+.+\s+from|insert\s+into|group\s+by|order\s+by|inner\s+join|left\s+join)\b", re.I
)
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


def imported(path: Path) -> set[str]:
    """The modules a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_services_do_not_import_streamlit(path: Path) -> None:
    modules = imported(path)
    assert not {name for name in modules if name.split(".")[0] == "streamlit"}
    assert not {name for name in modules if name.startswith("dashboards.components")}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80


@pytest.mark.parametrize("path", PAGES + SERVICES, ids=lambda path: path.stem)
def test_pages_and_services_hold_no_sql(path: Path) -> None:
    assert not SQL_TEXT.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_calculate_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [
        node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ARITHMETIC)
    ]


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_queries_open_with_their_grain_and_are_narrow_and_lower_case(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("-- ")
    assert max(map(len, lines)) <= 100
    keywords = re.findall(r"\b(SELECT|FROM|WHERE|JOIN|GROUP|ORDER|WITH|AS)\b", "\n".join(lines[1:]))
    assert not keywords


def test_every_query_is_used() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in DASHBOARDS.rglob("*.py"))
    unused = [path.stem for path in QUERIES if f'"{path.stem.removeprefix("example_")}"' not in code]
    assert not unused


def test_the_official_word_for_the_ratio_is_used() -> None:
    texts = [path.read_text(encoding="utf-8") for path in DASHBOARDS.rglob("*.py")]
    assert not [text for text in texts if "报销比例" in text.replace("实际报销比例", "")]


def test_no_icon_is_an_emoji() -> None:
    emoji = re.compile("[\U0001f300-\U0001faff\u2600-\u26ff\u2700-\u27bf]")
    assert not [path for path in DASHBOARDS.rglob("*.py") if emoji.search(path.read_text(encoding="utf-8"))]


def test_every_kind_of_check_has_words() -> None:
    with (SEEDS / "reference" / "reconciliation_check.csv").open(encoding="utf-8") as stream:
        codes = {row["check_code"] for row in csv.DictReader(stream)}
    assert codes == set(i18n.CHECKS)
