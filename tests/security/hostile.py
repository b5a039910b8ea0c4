"""The hostile statements of ``statements.sql``, and what a release folder looks like before and after them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
HEAD = "-- # "


@dataclass(frozen=True)
class Ground:
    """Where the attacks take place: a release of its own, a folder for everybody, a file outside."""

    database: Path
    out: Path
    secret: Path

    def placed(self, statement: str) -> str:
        """The statement with the paths of this ground."""
        names = {
            "{file}": str(self.database),
            "{folder}": str(self.database.parent),
            "{name}": self.database.parent.name,
            "{out}": str(self.out),
            "{secret}": str(self.secret),
        }
        for name, path in names.items():
            statement = statement.replace(name, path)
        return statement

    def traces(self) -> dict[str, str]:
        """Every file of the release and of the open folder with its content's hash."""
        folders = (self.database.parent, self.out)
        paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def listed(name: str) -> list[str]:
    """The statements of a file of this folder, one a line, without its heads."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith(HEAD)]
