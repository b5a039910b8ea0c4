"""What a delivered file is: a feed's CSV, or a published statement that a template can read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.feeds.published.statement_cell import StatementCell
from warehouse.ingest.archive import ArchivedFile
from warehouse.ingest.decode import Decoded, decode
from warehouse.ingest.read import UnknownHeader, load_csv, recognise
from warehouse.statements.cells import Extract, cells_of
from warehouse.statements.extract import extract, recognises
from warehouse.statements.sheet import Book, is_workbook, read_book
from warehouse.statements.template import Template, load_template, shipped_templates
from warehouse.texts import Refused


class NoTemplate(Refused):
    """No shipped template knows the file."""


@dataclass(frozen=True)
class Incoming:
    """A recognised file: ``load`` fills the temp tables ``incoming`` and ``malformed``."""

    feed: type[Feed]
    batch_id: str
    encoding: str
    load: Callable[[duckdb.DuckDBPyConnection], None]


def open_incoming(archived: ArchivedFile, feed_name: str | None, template_path: Path | None) -> Incoming:
    """Recognise the file; raises ``Refused`` when it is neither a feed nor a known statement."""
    if template_path is not None:
        template = load_template(template_path)
        book = read_book(archived.path, archived.name)
        differs = recognises(template, book, archived.name, needs_name=False)
        if differs:
            raise Refused(
                f"模板 {template.template} 认不出 {archived.name}:{differs.zh}。",
                f"The template {template.template} does not recognise {archived.name}: {differs.en}.",
            )
        return _statement(archived, template, book)
    if is_workbook(archived.path):
        book = read_book(archived.path, archived.name)
        return _statement(archived, _fitting_template(book, archived.name), book)
    decoded = decode(archived.path, archived.name)
    try:
        return _feed(archived, decoded, feed_name)
    except UnknownHeader as unknown:
        if feed_name:
            raise
        book = read_book(archived.path, archived.name)
        try:
            template = _fitting_template(book, archived.name)
        except NoTemplate as refusal:
            begins_with_title = "" in (text.strip() for text in decoded.text.split("\n", 1)[0].split(","))
            raise (refusal if begins_with_title else unknown) from refusal
        return _statement(archived, template, book)


def _feed(archived: ArchivedFile, decoded: Decoded, feed_name: str | None) -> Incoming:
    layout = recognise(decoded.text, archived.name, feed_name)
    return Incoming(
        feed=layout.feed,
        batch_id=f"{name_of(layout.feed)}-{archived.sha256[:12]}",
        encoding=decoded.encoding,
        load=lambda connection: load_csv(connection, decoded.text, layout, archived.path.parent),
    )


def _statement(archived: ArchivedFile, template: Template, book: Book) -> Incoming:
    result = extract(template, book, archived.name)
    fingerprint = hashlib.sha256(template.model_dump_json().encode()).hexdigest()[:6]
    return Incoming(
        feed=StatementCell,
        batch_id=f"{name_of(StatementCell)}-{archived.sha256[:12]}-{fingerprint}",
        encoding=book.encoding,
        load=lambda connection: _load_cells(connection, result),
    )


def _fitting_template(book: Book, name: str) -> Template:
    fitting = [each for each in shipped_templates() if recognises(each, book, name, needs_name=True) is None]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        listed = "、".join(each.template for each in fitting)
        raise Refused(
            f"{name} 同时符合几个模板({listed});请用 --template 指定。",
            f"{name} fits several templates ({listed}); choose one with --template.",
        )
    raise NoTemplate(
        f"没有模板认得 {name};请参照 docs/statements.md 写一个(yibao template suggest {name} 可起草),"
        "再用 --template 装载。",
        f"No template knows {name}; write one by docs/statements.md (yibao template suggest {name} drafts it) "
        "and load it with --template.",
    )


def _load_cells(connection: duckdb.DuckDBPyConnection, result: Extract) -> None:
    schema = pa.schema([(each.name, pa.string()) for each in columns_of(StatementCell)])
    cells = pa.Table.from_pylist(list(cells_of(result)), schema=schema)
    connection.register("cells_read", cells)
    connection.execute("create or replace temp table malformed (_row bigint, raw varchar, problem varchar)")
    connection.execute(
        "create or replace temp table incoming as select row_number() over () as _row, * from cells_read"
    )
    connection.unregister("cells_read")
