"""HTML pieces; every text is escaped here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

SHOWN_LINES = 3
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
LINKED = re.compile(
    r"(?<=[:@])(?=[/A-Za-z])|(?<=www)(?=\.)"
)  # where an address or a short name of an image is seen
JOINER = "\u2060"  # takes no room


@dataclass(frozen=True)
class Html:
    """Markup that is already safe."""

    source: str


def plain(text: str) -> str:
    """The text for an element of Streamlit that reads Markdown: shown as it is, whatever it holds.

    What a link, a file or a user brought into a message must not become a link, an image or a heading.
    """
    return PUNCTUATION.sub(r"\\\1", LINKED.sub(JOINER, " ".join(text.split())))


def tag(name: str, *children: Html | str, **attributes: str | None) -> Html:
    """An element; texts are escaped, ``class_`` becomes ``class``, attributes that are None are left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value, quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>{join(children).source}</{name}>")


def join(children: Iterable[Html | str]) -> Html:
    """Markup and texts one after another."""
    return Html("".join(child.source if isinstance(child, Html) else escape(child) for child in children))


def mark(symbol: str, word: str, colour: str) -> Html:
    """A state: symbol and word, repeated by a colour."""
    return tag(
        "span", tag("span", symbol, aria_hidden="true"), " ", word, class_="yb-mark", style=f"color:{colour}"
    )


def badge(word: str, kind: str = "plain", title: str | None = None) -> Html:
    """A small label."""
    return tag("span", word, class_=f"yb-badge yb-badge-{kind}", title=title)


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[Html | str]],
    *,
    right: Iterable[int] = (),
    wide: int = 0,
    height: int | None = None,
) -> Html:
    """A table that wraps its texts and turns into a list of entries on a phone.

    ``right`` are the positions of columns of numbers, ``wide`` that of the column that takes the room. What is
    higher than ``height`` pixels scrolls in a box that the keyboard reaches; on paper it is whole.
    """
    numeric = set(right)

    def class_of(position: int) -> str | None:
        if position in numeric:
            return "yb-right"
        return "yb-wide" if position == wide else None

    head = tag("tr", *(tag("th", text, class_=class_of(i), scope="col") for i, text in enumerate(heads)))
    body = [
        tag("tr", *(tag("td", cell, class_=class_of(i), data_label=heads[i]) for i, cell in enumerate(row)))
        for row in rows
    ]
    return tag(
        "div",
        tag("table", tag("thead", head), tag("tbody", *body), class_="yb-table"),
        class_="yb-scroll",
        style=f"max-height:{height}px" if height else None,
        tabindex="0",
        role="region",
        aria_label=heads[wide],
    )


def folded(lines: Sequence[Html | str], more: Callable[..., str], shown: int = SHOWN_LINES) -> Html | str:
    """Lines one below another; what goes beyond ``shown`` opens with a click; ``more`` words its count."""
    if not lines:
        return "—"
    open_to = len(lines) if len(lines) <= shown + 1 else shown
    rest = [tag("div", line) for line in lines[open_to:]]
    first = [tag("div", line) for line in lines[:open_to]]
    return join((*first, tag("details", tag("summary", more(count=len(rest))), *rest) if rest else ""))


def definitions(pairs: Iterable[tuple[str, Html | str]]) -> Html:
    """Terms and what they are; pairs without a text are left out."""
    rows = [join((tag("dt", term), tag("dd", text))) for term, text in pairs if text]
    return tag("dl", *rows, class_="yb-dl")
