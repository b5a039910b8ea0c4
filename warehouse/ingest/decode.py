"""Delivered text to UTF-8: BOM, UTF-8, then GB18030; anything else is refused, never guessed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from warehouse.texts import Refused

SIGNATURES = {
    b"PK\x03\x04": "XLSX/ZIP",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"%PDF": "PDF",
    b"\x1f\x8b": "GZIP",
    b"PAR1": "Parquet",
}
MISREAD_MARKS = ("�", "锟斤拷")


class Decoded(NamedTuple):
    """The text of a file and the encoding it came in."""

    text: str
    encoding: str


def decode(path: Path, name: str) -> Decoded:
    """The text of the file at ``path``; ``name`` is what the sender called it.

    Raises ``Refused`` for empty and binary files, unknown encodings and text already misread once.
    """
    content = path.read_bytes()
    if not content.strip():
        raise Refused(f"{name} 是空文件。", f"{name} is empty.")
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            raise Refused(
                f"{name} 是 {kind} 文件,不是 CSV 文本;请另存为 CSV(UTF-8)后再送。",
                f"{name} is a {kind} file, not CSV text; save it as CSV (UTF-8) and deliver it again.",
            )
    if b"\x00" in content:
        raise Refused(
            f"{name} 含有空字节,是二进制或已损坏的文件;请从来源重新导出。",
            f"{name} contains null bytes: it is binary or damaged; export it from the source again.",
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(mark in text for mark in MISREAD_MARKS):
            raise Refused(
                f"{name} 的文字在送来之前已被错误转码(含“锟斤拷”或替换符),请从来源重新导出。",
                f"The text of {name} was garbled before delivery (replacement characters); export it again.",
            )
        return Decoded(text, "UTF-8" if encoding == "utf-8-sig" else "GB18030")
    raise Refused(
        f"{name} 既不是 UTF-8 也不是 GB18030 编码的文本;请另存为 UTF-8。",
        f"{name} is text in neither UTF-8 nor GB18030; save it as UTF-8.",
    )
