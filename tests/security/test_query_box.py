"""The query box as it is served: hostile statements and bombs typed by an account, answered over the socket."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bombs import bombs
from break_in import tried
from hostile import Ground, listed
from served_pages import Browser, served
from websockets.exceptions import ConnectionClosed

from warehouse.control.accounts import add_account
from warehouse.control.login import authenticate, change_password
from warehouse.release.pointer import served as served_release
from warehouse.settings import PROJECT_ROOT, load_settings

WORD, NEW_WORD = "Right-Horse-42", "Other-Horse-43"
SECONDS, MEMORY_MB = 4, 512
MOST_SECONDS = 5 * SECONDS  # grace, the start of a process and the page itself, on a busy machine
REFUSED, SHOWN = ":material/block:", "dataframe {"
QUESTION = "select count(*) as answered from indicator.value"


@dataclass
class Desk:
    """A statistician before the served query box, and what lies on the disk behind it."""

    browser: Browser
    ground: Ground


@pytest.fixture(scope="module")
def desk(released_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = tmp_path_factory.mktemp("desk")
    home, out, secret = place / "home", place / "out", place / "secret"
    shutil.copytree(released_home, home)
    out.mkdir()
    out.chmod(0o777)
    secret.write_text("the secret outside")
    settings = load_settings(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YIBAO_QUERY_SECONDS", str(SECONDS))
        patch.setenv("YIBAO_QUERY_MEMORY_MB", str(MEMORY_MB))
        for name, role in (("admin", "operator"), ("zhang", "statistician")):
            add_account(settings, name, role, "province", WORD)
            patch.setenv("YIBAO_ACTOR", "admin")
        token = change_password(settings, authenticate(settings, "zhang", WORD), WORD, NEW_WORD)
        with served(home) as port:
            yield Desk(Browser(port, token), Ground(served_release(settings).database, out, secret))


def _typed(desk: Desk, statements: list[str]) -> Iterator[tuple[str, str, float]]:
    """Each statement typed in one session: it, what the page then showed, and the seconds until then."""
    with desk.browser.session() as session:
        session.run("workbench")
        for statement in statements:
            started = time.monotonic()
            shown = session.run(query_text=statement, run=True)
            yield statement, shown, time.monotonic() - started


def test_every_hostile_statement_is_refused_on_the_page(desk: Desk) -> None:
    before = desk.ground.traces()
    statements = [desk.ground.placed(each) for each in tried(listed("statements.sql"), 8)]
    for statement, shown, _ in _typed(desk, statements):
        assert REFUSED in shown, statement
        assert SHOWN not in shown, statement
        said = shown.replace(statement, "")
        for place in (
            PROJECT_ROOT,
            Path(sys.prefix),
            Path.home() / ".duckdb",
            "Traceback",
            "the secret outside",
        ):
            assert str(place) not in said, statement
    assert desk.ground.traces() == before
    assert [SHOWN in shown for _, shown, _ in _typed(desk, [QUESTION])] == [True]


@pytest.mark.parametrize("number", tried(range(len(bombs())), 2))
def test_a_bomb_ends_on_the_page_and_the_next_question_is_answered(desk: Desk, number: int) -> None:
    before = desk.ground.traces()
    try:
        [(_, shown, seconds)] = _typed(desk, [bombs()[number]])
    except ConnectionClosed:  # longer than a socket takes: the pages go on
        seconds = 0.0
    else:
        assert REFUSED in shown or SHOWN in shown
    assert seconds < MOST_SECONDS
    [(_, shown, seconds)] = _typed(desk, [QUESTION])
    assert SHOWN in shown
    assert seconds < MOST_SECONDS
    assert desk.ground.traces() == before
