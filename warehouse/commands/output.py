"""Files that a command is given or writes."""

from __future__ import annotations

from pathlib import Path

import typer

from warehouse.texts import Refused


def given_path(text: str) -> Path:
    """A path as typed; an empty one would be the current folder and is wrong use."""
    if not text.strip():
        raise typer.BadParameter("路径是空的 / the path is empty")
    return Path(text)


def write_output(output: Path, content: bytes) -> None:
    """Write a result to the file that was asked for; refused with the reason where that is impossible."""
    try:
        output.write_bytes(content)
    except OSError as error:
        raise Refused(
            f"无法写入 {output}：{error.strerror}。", f"Cannot write {output}: {error.strerror}."
        ) from error
