"""What people write in notes and name their files is shown as it is, and takes no effect on a terminal."""

from __future__ import annotations

import ast
import io
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from rich.table import Table

import warehouse.control.history
import warehouse.release.pointer
from warehouse.commands import release
from warehouse.commands.console import PlainConsole
from warehouse.control.models import ReleaseRecord
from warehouse.settings import PROJECT_ROOT
from warehouse.texts import shown

NOTES = (
    "[/red]", "[bold", "[link=x]y[/link]",
    "\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "甲\u202egnp.exe", "a\rb", "\ud800",
)  # fmt: skip


def printed(*things: object) -> str:
    page = io.StringIO()
    PlainConsole(file=page, width=200).print(*things)
    return page.getvalue()


@pytest.mark.parametrize("note", NOTES, ids=ascii)
def test_a_note_is_a_text(note: str) -> None:
    table = Table("head")
    table.add_row(note)
    for page in (printed(note), printed(table)):
        assert shown(note) in page
        assert page.replace("\n", "").isprintable()
        page.encode("utf-8")


def test_releases_are_listed_whatever_their_notes_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = [
        ReleaseRecord(
            release_id=f"R{number}", data_to=date(2025, 6, 30), known_on=date(2025, 7, 1), manifest_sha256="0" * 64,
            written_at=datetime(2025, 7, 1, tzinfo=UTC), note=note, pinned_because="[/bold]",
        )
        for number, note in enumerate(NOTES)
    ]  # fmt: skip
    monkeypatch.setattr(warehouse.control.history, "releases", lambda _: [(each, None) for each in noted])
    monkeypatch.setattr(warehouse.release.pointer, "served", lambda _: SimpleNamespace(release_id="R1"))
    page = io.StringIO()
    monkeypatch.setattr(release, "out", PlainConsole(file=page, width=400))
    release.releases(home=None)
    for note in NOTES:
        assert shown(note) in page.getvalue()


def test_every_console_shows_texts_as_they_are() -> None:
    """One console that reads markup would be enough."""
    found = []
    for path in sorted((PROJECT_ROOT / "warehouse").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name in ("Console", "PlainText"):
                found.append(f"{path.name}:{node.lineno}")
    assert found == []
