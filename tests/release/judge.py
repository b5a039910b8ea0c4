"""An independent judge of hidden cells: Tau-Argus bounds each from everything that the public files show.

What is shown is written as a linear system in the JJ format of Tau-Argus: a cell for every count or amount, and for
every shown sum a cell with the constraint that ties it to its parts. Its audit solves two linear programs for each
hidden cell; a cell whose bounds are nearer than its protection interval is unsafe.
"""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Iterable
from pathlib import Path

from pytauargus.engine import audit_jj

FREE = 1_000_000_000.0
ROUNDING = 0.001


class System:
    """Cells and the sums that tie them together."""

    def __init__(self) -> None:
        self._place: dict[Hashable, int] = {}
        self._lines: list[str] = []
        self._small: dict[Hashable, tuple[float, float]] = {}
        self._sums: dict[frozenset[int], float] = {}
        self._ties: list[tuple[int, list[int]]] = []

    def cell(
        self,
        name: Hashable,
        value: float,
        *,
        is_small: bool = False,
        protection: float = 1.0,
        lower: float = 0.0,
        upper: float = FREE,
    ) -> None:
        """A cell that no file shows by itself; ``is_small`` asks for ``protection`` on both sides of its value."""
        width = protection if is_small else 0.0
        if is_small:
            self._small[name] = (value, width)
        self._place[name] = len(self._lines)
        self._lines.append(
            f"{len(self._lines)} {value} 1 {'u' if is_small else 'm'} {lower} {upper} {width} {width} 0"
        )

    def shown(self, value: float, parts: Iterable[Hashable]) -> None:
        """A number that a file shows, and the cells that it is the sum of."""
        self._sums[frozenset(self._place[part] for part in parts)] = value

    def tied(self, whole: Hashable, parts: Iterable[Hashable]) -> None:
        """A cell that is the sum of others by definition, whatever the files show of them."""
        self._ties.append((self._place[whole], [self._place[part] for part in parts]))

    def unsafe(self, path: Path) -> list[Hashable]:
        """The small cells whose bounds leave no room of their protection on one of both sides.

        ``path`` is a file to work in. The judge's own word counts as well as the bounds.
        """
        found = self.bounds(path)
        assert found, "nothing is hidden, so nothing is judged"
        return [
            name
            for name, (least, most, is_unsafe) in found.items()
            if name in self._small
            and (
                is_unsafe
                or least > self._small[name][0] - self._small[name][1] + ROUNDING
                or most < self._small[name][0] + self._small[name][1] - ROUNDING
            )
        ]

    def bounds(self, path: Path) -> dict[Hashable, tuple[float, float, bool]]:
        """Lowest and highest value that each cell may have, and whether that is too narrow."""
        lines, sums = list(self._lines), []
        for parts, value in self._sums.items():
            lines.append(f"{len(lines)} {value} 1 s {value} {value} 0 0 0")
            terms = " ".join(f"{part} (1)" for part in sorted(parts))
            sums.append(f"0 {len(parts) + 1} : {len(lines) - 1} (-1) {terms}")
        for whole, members in self._ties:
            terms = " ".join(f"{part} (1)" for part in members)
            sums.append(f"0 {len(members) + 1} : {whole} (-1) {terms}")
        path.write_text(
            "\n".join(["0", str(len(lines)), *lines, str(len(sums)), *sums, ""]), encoding="ascii"
        )
        names = {place: name for name, place in self._place.items()}
        with contextlib.chdir(path.parent):  # its solver leaves files where it is called
            audited = audit_jj(str(path))
        return {
            names[row["cell"]]: (row["min"], row["max"], bool(row["unsafe"]))
            for row in audited
            if row["cell"] in names
        }
