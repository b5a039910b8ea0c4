"""Delivered text to UTF-8: BOM, UTF-8, then GB18030; anything else is refused, never guessed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from warehouse.texts import Refused

SIGNATURES = {
    b"PK\x03\x04": "XLSX/ZIP",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"%PDF": "PDF",
    b"\x1f\x8b": "GZIP",
    b"PAR1": "Parquet",
    b"Rar!\x1a\x07": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
}
# What is text and no table, though its name may end in .xls or .csv: by how it begins.
OTHER_TEXTS = (
    (
        re.compile(rb"<(!doctype\s+html|html|head|body|table|meta|style)\b", re.IGNORECASE),
        "网页（HTML）",
        "a web page",
    ),
    (re.compile(rb"mime-version:", re.IGNORECASE), "网页（MHTML）", "a web page"),
    (re.compile(rb"<\?xml|<[a-z]+:?workbook\b", re.IGNORECASE), "XML（如“XML 表格 2003”）", "XML"),
    (re.compile(rb"\[?\s*\{\s*\"|\[\s*\["), "JSON", "JSON"),
    (
        re.compile(rb"(insert\s+into|create\s+table|select\s|drop\s+table|--\s|/\*)", re.IGNORECASE),
        "SQL 脚本",
        "SQL",
    ),
)
MISREAD_MARKS = ("�", "锟斤拷")
FOREIGN_RUN = re.compile(rb"[\x80-\xff]{3,}")
UTF8_CHARACTERS = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2})+")
MIXED_FROM_SHARE = 0.05
SMALL_BYTES = 64 * 2**20
SAMPLE_BYTES = 2 * 2**20
SAMPLES = 16
UTF16_SAMPLE, UTF16_SHARE = 2000, 0.3
CHUNK = 4 * 2**20
BEGINNING = 4096
WORD = re.compile(r"[^\x00-\x7f]{3,}")
CHARACTERS = re.compile(r"[\u4e00-\u9fff]+")
READ_AS = ("gb18030", "latin-1", "cp1252")
WORDS_LOOKED_AT, GARBLED_SHARE = 2000, 0.5


class Decoded(NamedTuple):
    """The text of a file and the encoding it came in."""

    text: str
    encoding: str


def decode(path: Path, name: str) -> Decoded:
    """The whole text of the file at ``path``; ``name`` is what the sender called it.

    Raises ``Refused`` for empty and binary files, unknown encodings and text already misread once.
    """
    content = path.read_bytes()
    encoding = _encoding_of([content], name)
    return Decoded(content.decode("utf-8-sig" if encoding == "UTF-8" else "gb18030"), encoding)


def text_encoding(path: Path, name: str) -> str:
    """``UTF-8`` or ``GB18030``: of the whole of a small file, of samples of a large one.

    What the samples of a large file do not show, the reader meets: it reports text that is no UTF-8.
    """
    size = path.stat().st_size
    if size <= SMALL_BYTES:
        return _encoding_of([path.read_bytes()], name)
    samples = []
    with path.open("rb") as stream:
        for number in range(SAMPLES):
            stream.seek(number * (size - SAMPLE_BYTES) // (SAMPLES - 1))
            sample = stream.read(SAMPLE_BYTES)
            begin = sample.find(b"\n") + 1 if number else 0
            samples.append(sample[begin : sample.rfind(b"\n") + 1])
    return _encoding_of(samples, name)


@contextmanager
def as_utf8(path: Path, encoding: str, folder: Path, name: str) -> Iterator[Path]:
    """The file itself, or a UTF-8 copy of a GB18030 file in ``folder`` while it is read."""
    if encoding == "UTF-8":
        yield path
        return
    copy = folder / f"{path.name}.utf8"
    try:
        _transcode(path, copy, name)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def is_utf8(path: Path) -> bool:
    """Whether the whole file is valid UTF-8."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            while stream.read(CHUNK):
                pass
    except UnicodeDecodeError:
        return False
    return True


def not_text(name: str) -> Refused:
    """The refusal of text in a mixed or unknown encoding."""
    return Refused(
        f"{name} 既不是 UTF-8 也不是 GB18030 编码的文本（或混用了两种编码）；请另存为 UTF-8。",
        f"{name} is text in neither UTF-8 nor GB18030, or a mix of both; save it as UTF-8.",
    )


def _encoding_of(parts: list[bytes], name: str) -> str:
    if not any(part.strip() for part in parts):
        raise Refused(f"{name} 是空文件。", f"{name} is empty.")
    for signature, kind in SIGNATURES.items():
        if parts[0].startswith(signature):
            raise Refused(
                f"{name} 是 {kind} 文件，不是 CSV 文本；请另存为 CSV（UTF-8）后再送。",
                f"{name} is a {kind} file, not CSV text; save it as CSV (UTF-8) and deliver it again.",
            )
    beginning = parts[0][:BEGINNING].removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, zh, en in OTHER_TEXTS:
        if pattern.match(beginning):
            raise Refused(
                f"{name} 是{zh}，不是表格；请在表格软件中打开、另存为 XLSX 或 CSV（UTF-8）后再送。",
                f"{name} is {en}, no table; open and save it as XLSX or CSV (UTF-8), then deliver it again.",
            )
    if parts[0].startswith((b"\xff\xfe", b"\xfe\xff")) or _is_utf16(parts[0]):
        raise Refused(
            f"{name} 是 UTF-16 编码的文本（Excel 的“Unicode 文本”、SSMS 的导出即是）；请另存为 CSV UTF-8（逗号分隔）。",
            f"{name} is text in UTF-16 (as Excel's 'Unicode text' and SSMS write it); "
            "save it as CSV UTF-8 with commas.",
        )
    if any(b"\x00" in part for part in parts):
        raise Refused(
            f"{name} 含有空字节，是二进制或已损坏的文件；请从来源重新导出。",
            f"{name} contains null bytes: it is binary or damaged; export it from the source again.",
        )
    for encoding in ("utf-8", "gb18030"):
        marks = [mark.encode(encoding) for mark in MISREAD_MARKS]
        try:
            for part in parts:
                if not part.isascii():
                    part.decode(encoding)
        except UnicodeDecodeError:
            continue
        is_garbled = encoding == "utf-8" and _is_utf8_read_otherwise(parts)
        if is_garbled or any(mark in part for part in parts for mark in marks):
            raise Refused(
                f"{name} 的文字在送来之前已被错误转码（含“锟斤拷”、替换符或“寮犱笁”一类的字），请从来源重新导出。",
                f"The text of {name} was garbled before delivery (replacement characters); export it again.",
            )
        if encoding == "gb18030" and _is_half_utf8(parts):
            break
        return encoding.upper()
    raise not_text(name)


def _is_utf16(part: bytes) -> bool:
    """Text in UTF-16 without a mark: every other byte of its ASCII letters, commas and line breaks is empty."""
    head = part[:UTF16_SAMPLE]
    empty = head[1::2].count(0), head[::2].count(0)
    return max(empty) > len(head) / 2 * UTF16_SHARE and min(empty) == 0


def _is_half_utf8(parts: list[bytes]) -> bool:
    """Whether text that is no UTF-8 as a whole holds UTF-8 in places, which GB18030 would read as other words."""
    runs = utf8 = 0
    for part in parts:
        for run in FOREIGN_RUN.findall(part):
            runs += 1
            utf8 += UTF8_CHARACTERS.fullmatch(run) is not None
    return utf8 > max(1, runs * MIXED_FROM_SHARE)


def _is_utf8_read_otherwise(parts: list[bytes]) -> bool:
    """Whether most words are what UTF-8 gives when it is read as GBK (寮犱笁) or Latin; real words are not."""
    words = 0
    garbled = 0
    for part in parts:
        for run in islice(WORD.finditer(part[:SAMPLE_BYTES].decode("utf-8", "ignore")), WORDS_LOOKED_AT):
            words += 1
            garbled += any(_gives_characters(run[0], each) for each in READ_AS)
    return garbled > max(1, words * GARBLED_SHARE)


def _gives_characters(word: str, encoding: str) -> bool:
    try:
        content = word.encode(encoding)
    except UnicodeEncodeError:
        return False
    text = content.decode("utf-8", "ignore")
    return len(text) > 1 and CHARACTERS.fullmatch(text) is not None and len(text) * 3 >= len(content) - 2


def _transcode(source: Path, target: Path, name: str) -> None:
    """By the C library's iconv where the command is there (three times as fast), else by Python."""
    iconv = shutil.which("iconv")
    if iconv:
        with target.open("wb") as stream:
            command = [iconv, "-f", "GB18030", "-t", "UTF-8", str(source)]
            finished = subprocess.run(command, stdout=stream, stderr=subprocess.DEVNULL, check=False)
        if finished.returncode == 0:
            return
    try:
        with source.open(encoding="gb18030", newline="") as stream, target.open("w", newline="") as out:
            shutil.copyfileobj(stream, out, CHUNK)
    except UnicodeDecodeError as error:
        raise not_text(name) from error
