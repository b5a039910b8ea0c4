"""Every delivered file is kept under its SHA-256 before anything reads it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from io import BufferedReader
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from warehouse import durable
from warehouse.clock import today
from warehouse.feeds.timing import FIRST_DELIVERY, FIRST_MONTH, end_of, first_of_next
from warehouse.settings import Settings
from warehouse.texts import Refused, shown

MANIFEST_NAME = "manifest.yml"
ORIGINS = ("platform", "synthetic")
ENTRY_KEYS = ("delivered_on", "rows", "totals", "months")
DATE_IN_NAME = re.compile(r"@(\d{4}-\d{2}-\d{2})(?=[._]|$)")
COMPRESS_FROM_BYTES = 16 * 2**20
CHUNK = 4 * 2**20
COMPRESSED = ".zst"
MANIFEST_BYTES, MANIFEST_DEPTH = 8 * 2**20, 8
LONGEST_SHOWN, LONGEST_VALUE = 120, 40  # of what a manifest says, in a sentence about it
NO_PLAIN_FILE = (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR, errno.ENODEV)
NO_DELIVERY = ("~$", ".")  # lock files of Office, ._ files of macOS, hidden files: nobody delivers them


@dataclass(frozen=True)
class Pull:
    """Where a file that was pulled from a database comes from.

    ``source`` is the database's address, without user and password, with the table or a hash of the query;
    ``query`` what was asked. ``again_rows`` and ``again_digest`` describe the rows of the file that the next
    pull will bring again if nothing is new.
    """

    source: str
    query: str
    watermark_column: str | None = None
    watermark_from: str | None = None
    watermark_to: str | None = None
    again_rows: int = 0
    again_digest: str = ""


@dataclass(frozen=True)
class Delivery:
    """What the sender says of a file: when it was delivered and what it should add up to.

    ``rows`` is the number of records, ``totals`` the sum of a column over all of them, ``data_origin`` whether
    the records are a platform's or made up (published data are known by their feed), ``months`` (first days)
    those that the file holds whole.
    """

    delivered_on: date
    rows: int | None = None
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    pull: Pull | None = None
    data_origin: str = "platform"
    months: tuple[date, ...] = ()


@dataclass(frozen=True)
class ArchivedFile:
    """A file in the archive: ``known_on`` is its delivery date, ``kept`` the copy in the archive.

    ``source`` is the file as it was delivered, while it still lies where it was.
    """

    name: str
    sha256: str
    size: int
    delivery: Delivery
    kept: Path
    source: Path | None = None

    @property
    def known_on(self) -> date:
        return self.delivery.delivered_on


def keep(
    source: Path,
    settings: Settings,
    announce: Callable[[str], None] | None = None,
    delivery: Delivery | None = None,
) -> ArchivedFile:
    """Put ``source`` into the archive, durable and read-only, with its delivery beside it.

    A file in the home's inbox, or a working copy of ours, is moved; any other is copied, compressed from 16 MB
    on. A hard link would be cheaper, but whoever overwrites the file in place would overwrite the archive with
    it. ``announce`` is told the hash before anything is written; ``delivery`` stands for what the folder and
    the file's name would say.
    """
    name = readable_name(source)
    try:
        with _open_plainly(source, name) as stream:
            before = os.fstat(stream.fileno())
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        delivery = delivery or delivery_of(source)
        if announce:
            announce(sha256)
        folder = settings.archive / sha256[:2]
        folder.mkdir(exist_ok=True)
        kept = find(settings, sha256)
        _write_note(folder / f"{sha256}.json", name, before.st_size, delivery)
        if _stamp(source) != (before.st_mtime_ns, before.st_size):
            raise _changed(name)
        if kept is None:
            kept = _move_in(source, folder / sha256, settings)
        elif _is_ours(source, settings):
            source.unlink()
    except OSError as error:
        raise Refused(
            f"无法读取或归档 {source}：{error.strerror}。",
            f"Cannot read or archive {source}: {error.strerror}.",
        ) from error
    remaining = source if source.exists() else None
    return ArchivedFile(name, sha256, before.st_size, delivery, kept, remaining)


def _open_plainly(source: Path, name: str) -> BufferedReader:
    """A regular file, opened without following a link that leads elsewhere or waiting for who writes to a pipe."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in NO_PLAIN_FILE:
            raise
        raise _no_plain_file(name) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_plain_file(name)
    return os.fdopen(descriptor, "rb")


def _no_plain_file(name: str) -> Refused:
    return Refused(
        f"{name} 不是普通文件（是符号链接、文件夹、管道、套接字或设备），没有装载；请送文件本身。",
        f"{name} is no regular file (a link, folder, pipe, socket or device) and is not loaded; deliver the file "
        "itself.",
    )


def readable_name(path: Path) -> str:
    """The name of a file as it can be shown; one in GB18030, as Windows and its FTP servers send them, is read so."""
    raw = os.fsencode(path.name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return shown(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return shown(raw.decode("utf-8", "replace"))


def is_delivery(name: str) -> bool:
    """Whether a file's name is one that is delivered, not one that a program left beside it."""
    return not name.startswith(NO_DELIVERY)


def find(settings: Settings, sha256: str) -> Path | None:
    """The archived copy of a content, plain or compressed."""
    plain = settings.archive / sha256[:2] / sha256
    for candidate in (plain, plain.with_suffix(COMPRESSED)):
        if candidate.exists():
            return candidate
    return None


def reopen(settings: Settings, sha256: str) -> ArchivedFile:
    """An archived file by its hash, as it was delivered."""
    kept = find(settings, sha256)
    note = settings.archive / sha256[:2] / f"{sha256}.json"
    if kept is None or not note.exists():
        raise Refused(f"归档中没有 {sha256}。", f"The archive does not hold {sha256}.")
    content = json.loads(note.read_text(encoding="utf-8"))
    delivery = _delivery(content | {"delivered_on": content["known_on"]})
    if content.get("pull"):
        delivery = replace(delivery, pull=Pull(**content["pull"]))
    return ArchivedFile(content["file_name"], sha256, int(content["size"]), delivery, kept)


def archived_files(settings: Settings) -> Iterator[tuple[str, datetime]]:
    """The SHA-256 of every archived file and when it was archived."""
    for note in sorted(settings.archive.glob("*/*.json")):
        if note.name.count(".") == 1:
            content = json.loads(note.read_text(encoding="utf-8"))
            yield note.stem, datetime.fromisoformat(content["archived_at"])


def content_hash(archived: ArchivedFile, settings: Settings) -> str:
    """The SHA-256 of what the archive holds now."""
    with opened(archived, settings) as path, path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def remember_options(
    settings: Settings, sha256: str, feed_name: str | None, template: Path | None, *, was_known: bool
) -> None:
    """Keep beside an archived file with which feed or template it was loaded, for the day of a rebuild.

    A file without such a note was loaded as it is recognised by itself; ``was_known`` says that it had been
    in the archive before this load.
    """
    note = settings.archive / sha256[:2] / f"{sha256}.options.json"
    if not note.exists() and feed_name is None and template is None:
        return
    by_itself = {"feed": None, "template": None}
    known = json.loads(note.read_text(encoding="utf-8")) if note.exists() else [by_itself] * was_known
    chosen = {"feed": feed_name, "template": template.read_text(encoding="utf-8") if template else None}
    if chosen in known:
        return
    durable.replace(note, json.dumps([*known, chosen], ensure_ascii=False))


def options_of(settings: Settings, sha256: str) -> Iterator[tuple[str | None, Path | None]]:
    """With which feed and template an archived file was loaded; nothing chosen means recognised by itself."""
    note = settings.archive / sha256[:2] / f"{sha256}.options.json"
    if not note.exists():
        yield None, None
        return
    chosen = json.loads(note.read_text(encoding="utf-8"))
    for number, each in enumerate(chosen):
        template = None
        if each["template"]:
            template = settings.spill / f"{sha256}.{number}.yml"
            template.write_text(each["template"], encoding="utf-8")
        yield each["feed"], template


@contextmanager
def opened(archived: ArchivedFile, settings: Settings) -> Iterator[Path]:
    """The file's content as a plain file.

    Of a compressed copy the delivered file itself is read, if it is still there, and must not change
    meanwhile; otherwise the copy is unpacked into the spill folder.
    """
    if archived.kept.suffix != COMPRESSED:
        yield archived.kept
        return
    if archived.source:
        before = archived.source.stat()
        yield archived.source
        after = archived.source.stat()
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise _changed(archived.name)
        return
    plain = settings.spill / f"{archived.sha256}.plain"
    try:
        with (
            pa.OSFile(str(archived.kept)) as packed,
            pa.CompressedInputStream(packed, "zstd") as stream,
            plain.open("wb") as target,
        ):
            shutil.copyfileobj(stream, target, CHUNK)
        yield plain
    finally:
        plain.unlink(missing_ok=True)


def delivery_of(source: Path) -> Delivery:
    """By the folder's manifest, by ``@YYYY-MM-DD`` in the file's name, else today.

    ``Refused`` for a day that does not exist or is still to come.
    """
    manifest = source.parent / MANIFEST_NAME
    if manifest.exists():
        entry = read_manifest(manifest).get(readable_name(source))
        if entry is not None:
            refuse_impossible_day(source.name, entry.delivered_on)
            return entry
        _refuse_nearly_named(manifest, source)
    dated = DATE_IN_NAME.search(source.name)
    if dated:
        try:
            day = date.fromisoformat(dated.group(1))
        except ValueError as error:
            raise Refused(
                f"文件名 {source.name} 中的日期 {dated.group(1)} 不存在，请改名后重试。",
                f"The date {dated.group(1)} in the file name {source.name} does not exist; rename the file.",
            ) from error
        refuse_impossible_day(source.name, day)
        return Delivery(day)
    return Delivery(today())


def _refuse_nearly_named(manifest: Path, source: Path) -> None:
    """An entry that differs from the file's name in capitals or width only is meant for the file."""
    name = readable_name(source)
    alike = [
        entry
        for entry in read_manifest(manifest)
        if _plain_name(entry) == _plain_name(name) and not (source.parent / entry).exists()
    ]
    if alike:
        raise Refused(
            f"交付清单 {manifest} 写的是 {alike[0]}，文件名是 {name}，只有大小写、全半角或空格不同；请改成一致。",
            f"The manifest {manifest} says {alike[0]}, the file is called {name}: they differ in capitals, "
            "width or blanks only; give both one name.",
        )


def _plain_name(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def refuse_impossible_day(name: str, delivered_on: date) -> None:
    """Nothing is delivered on a day that has not begun in China: every figure known by then would wait for it.

    Nor before there was anything to deliver: such a day is a slip, and what is older than it would never count.
    """
    if delivered_on < FIRST_DELIVERY:
        raise Refused(
            f"{name} 的交付日期 {delivered_on} 早于 {FIRST_DELIVERY}（职工医保建立），不可能；"
            "请改正交付清单、文件名或 --known-on。",
            f"The delivery date {delivered_on} of {name} is before {FIRST_DELIVERY}, when the scheme began; "
            "correct the manifest, the file's name or --known-on.",
        )
    if delivered_on > today():
        raise Refused(
            f"{name} 的交付日期 {delivered_on} 还没有到（今天是 {today()}）；请改正交付清单、文件名或 --known-on。",
            f"The delivery date {delivered_on} of {name} is in the future (today is {today()}); "
            "correct the manifest, the file's name or --known-on.",
        )


def read_manifest(manifest: Path) -> dict[str, Delivery]:
    """``files: {name: {delivered_on: YYYY-MM-DD, rows: 3, totals: {column: "1.00"}, months: 2025-06}}`` by file name.

    ``data_origin: synthetic`` beside ``files`` says that all records of the folder are made up.
    """
    try:
        found = manifest.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise _no_plain_file(str(manifest))
        return _parsed_manifest(manifest, found.st_mtime_ns, found.st_size)
    except (
        yaml.YAMLError,
        UnicodeDecodeError,
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
        InvalidOperation,
    ) as error:
        raise Refused(
            f"交付清单 {manifest} 无法读取（{shown(' '.join(str(error).split()), LONGEST_SHOWN)}）；"
            "应为 files: {文件名: {delivered_on: 年-月-日}}。",
            f"The manifest {manifest} cannot be read ({shown(' '.join(str(error).split()), LONGEST_SHOWN)}); "
            "it should say files: {name: {delivered_on: YYYY-MM-DD}}.",
        ) from error


_manifests: dict[tuple[Path, int, int], dict[str, Delivery]] = {}


def _parsed_manifest(manifest: Path, modified: int, size: int) -> dict[str, Delivery]:
    """A folder of many files shares one manifest, so it is parsed once for each content."""
    key = (manifest, modified, size)
    if key not in _manifests:
        _manifests.clear()
        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # all words: a day is judged by its entry
        text = _bounded_text(manifest, size, loader)
        content = yaml.load(text, Loader=loader)
        if not isinstance(content, dict) or not isinstance(content.get("files") or {}, dict):
            raise ValueError("files: {}")
        origin = content.get("data_origin", ORIGINS[0])
        _manifests[key] = {
            name: _entry(manifest, name, entry, origin)
            for name, entry in (content.get("files") or {}).items()
        }
    return _manifests[key]


def _bounded_text(manifest: Path, size: int, loader: Any) -> str:
    """The text of a manifest that is as small and flat as one is, and says everything where it stands.

    An alias may stand for any amount of text, and depth without end takes the reader of YAML off its feet.
    """
    if size > MANIFEST_BYTES:
        raise Refused(
            f"交付清单 {manifest} 有 {size // 2**20} MB（上限 {MANIFEST_BYTES // 2**20} MB），不读取；"
            "请分几个文件夹送。",
            f"The manifest {manifest} has {size // 2**20} MB (at most {MANIFEST_BYTES // 2**20}) and is not read; "
            "deliver in several folders.",
        )
    text = manifest.read_text(encoding="utf-8")
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > MANIFEST_DEPTH:
            raise Refused(
                f"交付清单 {manifest} 用了 YAML 的引用（&、*）或嵌套过深；请逐项写明。",
                f"The manifest {manifest} uses aliases of YAML (&, *) or is nested too deep; write each entry out.",
            )
    return text


def _entry(manifest: Path, name: object, entry: object, origin: str) -> Delivery:
    """What the manifest says of a file; what is wrong with it is said with the file's name."""
    name = shown(str(name), LONGEST_SHOWN)
    if not isinstance(entry, dict) or "delivered_on" not in entry:
        raise Refused(
            f"交付清单 {manifest} 中 {name} 一项缺 delivered_on；应为 {name}: {{delivered_on: 年-月-日}}。",
            f"In the manifest {manifest} the entry {name} lacks delivered_on; "
            f"it should say {name}: {{delivered_on: YYYY-MM-DD}}.",
        )
    if "data_origin" in entry:
        raise Refused(
            f"交付清单 {manifest} 中 {name} 一项写了 data_origin；它说的是整个文件夹，应与 files 并列。",
            f"In the manifest {manifest} the entry {name} says data_origin, which is said of the whole folder: "
            "beside files.",
        )
    unknown = sorted(
        str(key) for key in entry if key not in ENTRY_KEYS and get_close_matches(str(key).lower(), ENTRY_KEYS)
    )
    if unknown:
        raise Refused(
            f"交付清单 {manifest} 中 {name} 一项写了不认识的 {shown('、'.join(unknown), LONGEST_SHOWN)}，像是写错的键；"
            f"可用：{'、'.join(ENTRY_KEYS)}。",
            f"In the manifest {manifest} the entry {name} says {shown(', '.join(unknown), LONGEST_SHOWN)}, which is "
            f"not known; known: {', '.join(ENTRY_KEYS)}.",
        )
    try:
        return _delivery(entry | {"data_origin": origin})
    except (TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise ValueError(f"{name}: {error}") from error


def _delivery(entry: Mapping[str, Any]) -> Delivery:
    rows = entry.get("rows")
    totals = {name: Decimal(total) for name, total in (entry.get("totals") or {}).items()}
    origin = entry.get("data_origin", ORIGINS[0])
    if origin not in ORIGINS:
        raise ValueError(f"data_origin: {str(origin)[:LONGEST_VALUE]} ({' | '.join(ORIGINS)})")
    delivered_on = date.fromisoformat(entry["delivered_on"])
    months = tuple(_months(entry.get("months") or []))
    if any(end_of(month) > delivered_on for month in months):
        raise ValueError(f"months: {max(months):%Y-%m} > delivered_on {delivered_on}")
    return Delivery(delivered_on, int(rows) if rows else None, totals, data_origin=origin, months=months)


def _months(said: object) -> Iterator[date]:
    """``2025-06``, ``2025-01..2025-12`` or a list of these, as first days."""
    for each in said if isinstance(said, list) else [said]:
        first, _, last = str(each).strip().partition("..")
        impossible = ValueError(f"months: {str(each)[:LONGEST_VALUE]}")
        try:
            month, end = (date.fromisoformat(f"{text.strip()}-01") for text in (first, last or first))
        except ValueError as error:
            raise impossible from error
        if not FIRST_MONTH <= month <= end:
            raise impossible
        while month <= end:
            yield month
            month = first_of_next(month)


def _write_note(note: Path, name: str, size: int, delivery: Delivery) -> None:
    if note.exists():
        return
    content = {
        "file_name": name,
        "known_on": delivery.delivered_on.isoformat(),
        "rows": delivery.rows,
        "totals": {column: str(total) for column, total in delivery.totals.items()},
        "archived_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": size,
        "data_origin": delivery.data_origin,
        "months": [f"{month:%Y-%m}" for month in delivery.months],
        "pull": asdict(delivery.pull) if delivery.pull else None,
    }
    durable.replace(note, json.dumps(content, ensure_ascii=False))


def _is_ours(source: Path, settings: Settings) -> bool:
    return source.resolve().parent in (settings.inbox.resolve(), settings.spill.resolve())


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _move_in(source: Path, target: Path, settings: Settings) -> Path:
    if (
        _is_ours(source, settings) and source.lstat().st_nlink == 1
    ):  # else somebody could write to it further on
        source.chmod(0o400)
        durable.flush(source)
        source.rename(target)
        return target
    is_large = source.stat().st_size >= COMPRESS_FROM_BYTES
    kept = target.with_suffix(COMPRESSED) if is_large else target
    temporary = durable.part_of(kept)
    sha256 = hashlib.sha256()
    with _open_plainly(source, source.name) as stream, pa.OSFile(str(temporary), "wb") as plain:
        out = pa.CompressedOutputStream(plain, "zstd") if is_large else plain
        while chunk := stream.read(CHUNK):
            sha256.update(chunk)
            out.write(chunk)
        if is_large:
            out.close()
    if sha256.hexdigest() != target.name:
        temporary.unlink()
        raise _changed(source.name)
    temporary.chmod(0o400)
    durable.put(temporary, kept)
    if _is_ours(source, settings):
        source.unlink()
    return kept


def _changed(name: str) -> Refused:
    return Refused(
        f"{name} 在装载过程中被改写；请等发送完成后再装载。",
        f"{name} changed while it was loaded; load it when it is complete.",
    )
