"""What all commands share: where output goes, the option for the home, the home made ready for writing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text as PlainText

from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused, Text, shown

if TYPE_CHECKING:
    from warehouse.ingest.batch import Outcome

WIDE = 400


class PlainConsole(Console):
    """A console to which every text is a text: no markup in a note, no control character in a name takes effect."""

    def render_str(self, text: str, **options: Any) -> PlainText:
        lines = (shown(line) for line in text.split("\n"))
        return super().render_str("\n".join(lines), **(options | {"markup": False, "emoji": False}))


out = PlainConsole(highlight=False, emoji=False, width=None if sys.stdout.isatty() else WIDE)
err = PlainConsole(stderr=True, highlight=False)

Home = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="主目录 / the home (default YIBAO_HOME or ./.yibao)"),
]


Strict = Annotated[
    bool,
    typer.Option("--strict", help="有一个文件退回即停止，不建库、不发布 / one refused file stops everything"),
]


def _act_as(name: str | None) -> str | None:
    """Remember who decides, for this process and for the steps it starts."""
    if name:
        os.environ["YIBAO_ACTOR"] = name
    return name


As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="NAME",
        callback=_act_as,
        help="由哪个账户决定（默认 YIBAO_ACTOR；没有账户时不需要）/ the account that decides",
    ),
]


def home_before(context: typer.Context, home: Path | None) -> None:
    """Let ``--home`` written before a verb stand for the one after it, which still counts more."""
    if home is not None:
        context.default_map = {**(context.default_map or {}), **_homes(context.command, str(home))}


def _homes(group: object, home: str) -> dict[str, Any]:
    commands: dict[str, object] = getattr(group, "commands", {})
    return {name: {"home": home, **_homes(each, home)} for name, each in commands.items()}


def say(text: Text) -> None:
    """One line of progress on standard error, so that standard output stays the result."""
    err.print(str(text), style="dim", markup=False)


def tell(text: Text | str) -> None:
    """One line of the result on standard output."""
    out.print(str(text), markup=False, soft_wrap=True)


def require_months(first: date, last: date) -> None:
    """Refuse a range of months (their first days) that is empty or that no delivery can belong to."""
    from warehouse.clock import today
    from warehouse.feeds.timing import FIRST_MONTH

    if not FIRST_MONTH <= first <= last <= today():
        raise Refused(
            f"月份应在 {FIRST_MONTH:%Y-%m} 与本月之间，首月不晚于末月。",
            f"The months must lie between {FIRST_MONTH:%Y-%m} and this month, the first not after the last.",
        )


@contextmanager
def deciding(home: Path | None) -> Iterator[Settings]:
    """The home under the writer's lock for what the control database alone holds: accounts.

    An interrupted load is none of its business, nor is a damaged build file an obstacle.
    """
    from warehouse.home import init_home, writer

    settings = load_settings(home)
    with writer(settings, say):
        init_home(settings)
        yield settings


@contextmanager
def deciding_on_releases(home: Path | None) -> Iterator[Settings]:
    """The home under the writer's lock for what needs releases only: a damaged build file is no obstacle."""
    from warehouse.home import init_home, writer
    from warehouse.release.settle import settle_releases

    settings = load_settings(home)
    with writer(settings, say):
        init_home(settings)
        settle_releases(settings)
        yield settings


@contextmanager
def writing(home: Path | None) -> Iterator[Settings]:
    """The home, made if it is new, under the writer's lock; what a killed load left is put in order first."""
    from warehouse.connections import full_disk_refused
    from warehouse.home import init_home, writer
    from warehouse.ingest.reconcile import reconcile
    from warehouse.ingest.recover import recover
    from warehouse.recovery.rebuild import finish_swap
    from warehouse.release.settle import settle_releases

    settings = load_settings(home)
    with full_disk_refused(settings), writer(settings, say):
        init_home(settings)
        finish_swap(settings)
        for text in recover(settings):
            err.print(str(text), markup=False, soft_wrap=True)
        reconcile(settings)
        settle_releases(settings)
        yield settings


def show_refused(messages: Sequence[str]) -> None:
    """Say which files of a run were refused although it went on; then the exit code is 1."""
    if not messages:
        return
    told = Text(
        f"{len(messages)} 个文件退回，没有计入本次建库：",
        f"{len(messages)} files were refused and are not in this build:",
    )
    err.print(str(told), markup=False, soft_wrap=True)
    for message in messages:
        err.print(f"✗ {message}", markup=False, soft_wrap=True)
    raise typer.Exit(1)


def show_outcomes(outcomes: Iterator[Outcome]) -> int:
    """Print one line a table; returns how many were refused."""
    refused = 0
    for outcome in outcomes:
        is_refused = outcome.status == "refused"
        refused += is_refused
        mark = {"accepted": "✓", "known": "=", "refused": "✗"}[outcome.status]
        text = f"{mark} {outcome.file_name} [{outcome.feed}] {outcome.message}"
        (err if is_refused else out).print(text, markup=False, soft_wrap=True)
    return refused
