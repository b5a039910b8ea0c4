"""Where this machine keeps its files is no reader's business."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from warehouse.settings import PROJECT_ROOT
from warehouse.texts import Text

HIDDEN = "…"


def without_places(words: str, places: Iterable[Path]) -> str:
    """The words with every mention of these folders, of the program and of the interpreter taken out."""
    known = [*places, PROJECT_ROOT, Path(sys.prefix), Path(sys.base_prefix)]
    found = {str(each) for place in known for each in (place, place.resolve()) if len(each.parts) > 1}
    for place in sorted(found, key=len, reverse=True):
        words = words.replace(place, HIDDEN)
    return words


def shown(text: Text, places: Iterable[Path]) -> Text:
    """A sentence as a page may show it."""
    places = list(places)
    return Text(without_places(text.zh, places), without_places(text.en, places))
