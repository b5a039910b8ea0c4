"""What a delivered file is: a feed's table, or a published statement that a template can read."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import duckdb
import pyarrow as pa

from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.feeds.published.statement_cell import StatementCell
from warehouse.ingest import parquet, workbook
from warehouse.ingest.apart import read_apart
from warehouse.ingest.archive import CHUNK, ArchivedFile, is_delivery, opened
from warehouse.ingest.decode import as_utf8, not_text, text_encoding
from warehouse.ingest.read import Delivered, NotUtf8, csv_header, csv_rows, read_csv
from warehouse.ingest.recognise import Layout, UnknownHeader, recognise, refuse_title
from warehouse.settings import Settings
from warehouse.statements.cells import Extract, cells_of
from warehouse.statements.extract import extract, recognises
from warehouse.statements.sheet import Book, is_workbook, read_book
from warehouse.statements.template import Template, load_template, shipped_templates
from warehouse.texts import Refused, Text, shown

MAX_UNPACKED = 64 * 2**30
MAX_STATEMENT = 64 * 2**20
MAX_MEMBERS = 1000
MAX_RATIO, BOMB_FROM = 200, 2**24
DEBRIS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")  # what systems add to archives
WORKBOOK_PART = "xl/workbook.xml"
ZIP, EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
LONGEST_NAME = 200
ENCRYPTED = 0x1  # flag of a member of a .zip


class NoTemplate(Refused):
    """No shipped template knows the file."""


@dataclass(frozen=True)
class Part:
    """One table of a delivery: the file itself, what is inside a .gz, or a member of a .zip."""

    name: str
    sha256: str
    path: Path


@dataclass(frozen=True)
class Incoming:
    """A recognised table: ``load`` fills the temporary table ``delivered``."""

    name: str
    feed: type[Feed]
    batch_id: str
    encoding: str
    load: Callable[[duckdb.DuckDBPyConnection], Delivered]
    remarks: Text | None = None


@contextmanager
def parts_of(archived: ArchivedFile, settings: Settings) -> Iterator[list[Part]]:
    """The tables of a delivered file, unpacked while they are read; each becomes a batch of its own."""
    with opened(archived, settings) as path:
        with path.open("rb") as stream:
            magic = stream.read(4)
        itself = [Part(archived.name, archived.sha256, path)]
        if magic[:2] == b"\x1f\x8b":
            with _unpacked(settings, archived) as folder:
                yield gunzip(path, archived.name, folder, MAX_UNPACKED)
        elif magic == EMPTY_ZIP:
            raise _empty_archive(archived.name)
        elif magic == ZIP:
            with _unpacked(settings, archived) as folder:
                size = path.stat().st_size
                inside = read_apart(archived.name, size, unzip, path, archived.name, folder, MAX_UNPACKED)
                yield itself if inside is None else inside
        else:
            yield itself


@contextmanager
def open_incoming(
    part: Part, settings: Settings, feed_name: str | None, template_path: Path | None
) -> Iterator[Incoming]:
    """Recognise a table; raises ``Refused`` when it is neither a feed's nor a known statement."""
    with ExitStack() as stack:
        if template_path is not None:
            yield _by_template(part, load_template(template_path))
        elif _begins_with(part.path, b"PAR1"):
            yield _parquet(part, feed_name)
        elif is_workbook(part.path):
            yield _workbook(part, settings, feed_name, stack)
        else:
            yield _text(part, settings, feed_name, stack)


def batch_id_of(feed: type[Feed], sha256: str) -> str:
    """A batch is named by its feed and its content."""
    return f"{name_of(feed)}-{sha256[:12]}"


def _text(part: Part, settings: Settings, feed_name: str | None, stack: ExitStack) -> Incoming:
    encoding = text_encoding(part.path, part.name)
    path = stack.enter_context(as_utf8(part.path, encoding, settings.spill, part.name))
    try:
        layout = recognise(csv_header(path, part.name), part.name, feed_name)
    except UnknownHeader as unknown:
        below = partial(refuse_title, csv_rows(path), part.name, feed_name)
        if feed_name:
            below()
            raise
        return _statement_or(unknown, part, below)

    def load(connection: duckdb.DuckDBPyConnection) -> Delivered:
        try:
            return read_csv(connection, path, layout, part.name, settings.spill)
        except NotUtf8:
            # the samples of a large file showed nothing but ASCII
            if encoding != "UTF-8":
                raise not_text(part.name) from None
        copy = stack.enter_context(as_utf8(part.path, "GB18030", settings.spill, part.name))
        try:
            return read_csv(connection, copy, layout, part.name, settings.spill)
        except NotUtf8:
            raise not_text(part.name) from None

    return Incoming(part.name, layout.feed, batch_id_of(layout.feed, part.sha256), encoding, load)


def _statement_or(unknown: UnknownHeader, part: Part, look_below: Callable[[], None]) -> Incoming:
    """A text table that is no feed's may be a statement; if not, the better of two reasons is given."""
    try:
        book = _book(part)
        template = _fitting_template(book, part.name)
    except NoTemplate as refusal:
        look_below()
        if part.path.stat().st_size > MAX_STATEMENT:
            raise unknown from refusal
        first_line = book.grids[0].rows[0] if book.grids[0].rows else []
        raise (refusal if any(not text.strip() for text in first_line) else unknown) from refusal
    return _statement(part, template, book)


def _workbook(part: Part, settings: Settings, feed_name: str | None, stack: ExitStack) -> Incoming:
    records = settings.spill / f"{part.sha256}.records"
    stack.callback(records.unlink, missing_ok=True)
    size = part.path.stat().st_size
    try:
        layout = read_apart(
            part.name,
            size,
            workbook.open_table,
            part.path,
            part.name,
            feed_name,
            records,
            workbook.MAX_UNPACKED,
        )
    except UnknownHeader as unknown:
        if feed_name:
            refuse_title(unknown.rows, part.name, feed_name)
            raise
        book = _book(part)
        try:
            template = _fitting_template(book, part.name)
        except NoTemplate:
            refuse_title(unknown.rows, part.name, feed_name)
            raise
        return _statement(part, template, book)
    return Incoming(
        part.name,
        layout.feed,
        batch_id_of(layout.feed, part.sha256),
        "XLSX" if _begins_with(part.path, b"PK") else "XLS",
        lambda connection: workbook.load_table(connection, layout, records),
    )


def _parquet(part: Part, feed_name: str | None) -> Incoming:
    size = part.path.stat().st_size
    layout = read_apart(part.name, size, parquet.parquet_layout, part.path, part.name, feed_name)
    return Incoming(
        part.name,
        layout.feed,
        batch_id_of(layout.feed, part.sha256),
        "Parquet",
        lambda connection: parquet.load_parquet(connection, part.path, layout),
    )


def _book(part: Part) -> Book:
    """The sheets of a statement, which is no long one."""
    size = part.path.stat().st_size
    if not is_workbook(part.path):
        if size > MAX_STATEMENT:
            raise NoTemplate(
                f"{part.name} 的表头与任何数据源都不符，又大得不像公布的报表；请核对列名，或用 --feed 指定数据源。",
                f"The header of {part.name} fits no feed, and it is too large for a published table; check the names "
                "of its columns, or name the feed with --feed.",
            )
        return read_book(part.path, part.name)
    return read_apart(part.name, size, read_book, part.path, part.name)


def _by_template(part: Part, template: Template) -> Incoming:
    book = _book(part)
    differs = recognises(template, book, part.name, needs_name=False)
    if differs:
        raise Refused(
            f"模板 {template.template} 认不出 {part.name}：{differs.zh}。",
            f"The template {template.template} does not recognise {part.name}: {differs.en}.",
        )
    return _statement(part, template, book)


def _statement(part: Part, template: Template, book: Book) -> Incoming:
    result = extract(template, book, part.name)
    fingerprint = hashlib.sha256(template.model_dump_json().encode()).hexdigest()[:6]
    return Incoming(
        part.name,
        StatementCell,
        f"{batch_id_of(StatementCell, part.sha256)}-{fingerprint}",
        book.encoding,
        lambda connection: _load_cells(connection, result),
        result.remarks(),
    )


def _fitting_template(book: Book, name: str) -> Template:
    fitting = [each for each in shipped_templates() if recognises(each, book, name, needs_name=True) is None]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        listed = "、".join(each.template for each in fitting)
        raise Refused(
            f"{name} 同时符合几个模板（{listed}）；请用 --template 指定。",
            f"{name} fits several templates ({listed}); choose one with --template.",
        )
    raise NoTemplate(
        f"没有模板认得 {name}；请参照 docs/statements.md 写一个（yibao template suggest {name} 可起草）,"
        "再用 --template 装载。",
        f"No template knows {name}; write one by docs/statements.md (yibao template suggest {name} drafts it) "
        "and load it with --template.",
    )


def _load_cells(connection: duckdb.DuckDBPyConnection, result: Extract) -> Delivered:
    names = tuple(each.name for each in columns_of(StatementCell))
    schema = pa.schema([(name, pa.string()) for name in names])
    cells = pa.Table.from_pylist(list(cells_of(result)), schema=schema)
    return workbook.load_texts(connection, Layout(StatementCell, names, names), cells)


def _begins_with(path: Path, signature: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(signature)) == signature


def _is_xlsx(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return WORKBOOK_PART in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return not name.endswith(".zip")  # the reader of the one or the other says what is wrong with it


@contextmanager
def _unpacked(settings: Settings, archived: ArchivedFile) -> Iterator[Path]:
    folder = settings.spill / f"{archived.sha256[:12]}.unpacked"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def gunzip(path: Path, name: str, folder: Path, most: int) -> list[Part]:
    """What is in a ``.gz``, bounded in size and in how much a byte may stand for."""
    target = folder / "0"
    most = min(most, max(BOMB_FROM, MAX_RATIO * path.stat().st_size))
    try:
        with gzip.open(path) as stream, target.open("wb") as out:
            while chunk := stream.read(CHUNK):
                out.write(chunk)
                if out.tell() > most:
                    raise _too_large(name)
    except workbook.ZIP_DAMAGE as error:
        raise _damaged(name, error) from error
    return [_part(shown(name.removesuffix(".gz")), target)]


def unzip(path: Path, name: str, folder: Path, most: int) -> list[Part] | None:
    """What is in a ``.zip``, bounded like a ``.gz``; None when it is a workbook."""
    if _is_xlsx(path, name):
        return None
    parts = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not (info.is_dir() or _is_debris(info))]
            unpacked = sum(info.file_size for info in members)
            ratio = unpacked / max(path.stat().st_size, 1)
            if unpacked > most or (unpacked > BOMB_FROM and ratio > MAX_RATIO):
                raise _too_large(name)
            if len(members) > MAX_MEMBERS:
                raise Refused(
                    f"{name} 里有 {len(members)} 个文件（上限 {MAX_MEMBERS} 个）；请分几次送。",
                    f"{name} holds {len(members)} files (at most {MAX_MEMBERS}); deliver it in parts.",
                )
            if any(info.flag_bits & ENCRYPTED for info in members):
                raise Refused(
                    f"{name} 有密码保护，请解除后再送。", f"{name} is protected by a password; remove it."
                )
            named = Counter(info.filename for info in members)
            twice = [_member_name(info) for info in members if named[info.filename] > 1]
            if twice:
                raise Refused(
                    f"{name} 里有两个文件都叫 {twice[0]}，分不清谁是谁；请改名后重新压缩。",
                    f"Two files in {name} are called {twice[0]} and cannot be told apart; rename one, compress again.",
                )
            for number, info in enumerate(members):
                target = folder / str(number)
                with archive.open(info) as stream, target.open("wb") as out:
                    shutil.copyfileobj(stream, out, CHUNK)
                member = _member_name(info)
                if _begins_with(target, ZIP) and not _is_xlsx(target, member):
                    raise Refused(
                        f"{name} 里的 {member} 也是压缩包；请直接压缩数据文件。",
                        f"{member} in {name} is an archive itself; compress the data files directly.",
                    )
                parts.append(_part(f"{name}!{member}", target))
    except workbook.ZIP_DAMAGE as error:
        raise _damaged(name, error) from error
    if not parts:
        raise _empty_archive(name)
    return parts


def _is_debris(info: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(info.filename).name
    return info.filename.startswith(DEBRIS) or name in DEBRIS or not is_delivery(name)


def _member_name(info: zipfile.ZipInfo) -> str:
    """A name without folders; names that are not UTF-8 come from Chinese Windows (GB18030)."""
    text = info.filename
    if not info.flag_bits & 0x800:
        try:
            text = text.encode("cp437").decode("gb18030")
        except (UnicodeEncodeError, UnicodeDecodeError):
            text = info.filename
    return shown(PurePosixPath(text.replace("\\", "/")).name, LONGEST_NAME)


def _part(name: str, path: Path) -> Part:
    with path.open("rb") as stream:
        return Part(name, hashlib.file_digest(stream, "sha256").hexdigest(), path)


def _too_large(name: str) -> Refused:
    return Refused(
        f"{name} 解压后超过上限（疑似压缩炸弹），不打开；请分几次送。",
        f"{name} would unpack beyond the limit (a zip bomb?) and is not opened; deliver it in parts.",
    )


def _empty_archive(name: str) -> Refused:
    return Refused(f"{name} 是空的压缩包。", f"{name} is an empty archive.")


def _damaged(name: str, error: Exception) -> Refused:
    reason = " ".join(str(error).split())[:120]
    return Refused(
        f"{name} 不是完整的压缩文件（{reason}）；请重新发送。",
        f"{name} is no complete compressed file ({reason}); deliver it again.",
    )
