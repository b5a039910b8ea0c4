"""What a refusal says is shown as text: nothing in it becomes a link, an image, a heading or a formula."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.components.markup import JOINER, plain
from warehouse.settings import PROJECT_ROOT

READS_MARKDOWN = {
    "caption", "error", "header", "info", "markdown", "subheader", "success", "title", "warning", "_stop_with",
}  # fmt: skip
SOURCES = sorted((PROJECT_ROOT / "dashboards").rglob("*.py"))


@pytest.mark.parametrize(
    "text",
    [
        "[报表](http://example.org)",
        "![x](http://example.org/x.png)",
        "# 标题",
        "a_b_c **b** ~~d~~ `e` $x^2$ <b>f</b> | g | :red[h]",
        "- 1. > \\ ^ {}",
    ],
)
def test_every_sign_is_a_sign(text: str) -> None:
    shown = plain(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]()!#*_~`$<>|{}^]", shown.replace("\\\\", ""))
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown).replace(JOINER, "") == " ".join(text.split())


@pytest.mark.parametrize(
    "text", ["http://example.org", "www.example.org", "a@example.org", ":streamlit: :smile:"]
)
def test_no_address_is_linked_and_no_name_is_an_image(text: str) -> None:
    assert JOINER in plain(text)


def _markdown_calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if name in READS_MARKDOWN:
                yield node


def _bare_texts(node: ast.AST) -> Iterator[int]:
    """Lines where a text of the warehouse goes into the call without ``plain``."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", "")
        if name == "plain":
            return
        if name == "pick":
            yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _bare_texts(child)


def test_no_text_of_the_warehouse_is_read_as_markdown() -> None:
    found = [
        f"{path.relative_to(PROJECT_ROOT)}:{line}"
        for path in SOURCES
        for call in _markdown_calls(path)
        for argument in (*call.args, *(each.value for each in call.keywords))
        for line in _bare_texts(argument)
    ]
    assert found == []
