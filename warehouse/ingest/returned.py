"""The notice of return (退回通知): the sender's rows with a column of reasons, ready to be corrected."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.connections import CLOSED_WORLD
from warehouse.ingest import quarantine
from warehouse.ingest.archive import reopen
from warehouse.ingest.incoming import open_incoming, parts_of
from warehouse.ingest.read import Delivered
from warehouse.ingest.recognise import REASON_HEADERS
from warehouse.ingest.repair import RETURNED
from warehouse.settings import Settings
from warehouse.texts import Refused

REASON_HEADER = REASON_HEADERS[0]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FETCHED_ROWS = 10_000


def write_returned(settings: Settings, batch_id: str, output: Path | None) -> tuple[Path, int]:
    """Write CSV (UTF-8 with BOM, as spreadsheets want it) and return its path and number of rows.

    Of a batch that was accepted the refused rows are given back; of one refused whole the whole file, with
    reasons where there are any. Texts that a spreadsheet would run as a formula get an apostrophe, which is
    taken off again when the file comes back.
    """
    held = quarantine.rows(settings, batch_id)
    first = held.slice(0, 1).to_pylist()[0]
    target = output or Path(f"{Path(first['file_name'].replace('!', '_')).stem}{RETURNED}.csv")
    try:
        with target.open("w", encoding="utf-8-sig", newline="") as stream:
            target.chmod(0o600)
            if first["is_whole_batch"]:
                return target, _write_whole(settings, held, stream)
            return target, _write_rows(held, stream)
    except OSError as error:
        raise Refused(
            f"无法写入 {target}：{error.strerror}。", f"Cannot write {target}: {error.strerror}."
        ) from error


def _write_rows(held: pa.Table, stream: io.TextIOBase) -> int:
    rows = held.to_pylist()
    header = next(csv.reader(io.StringIO(rows[0]["header"])))
    lines = ((next(csv.reader(io.StringIO(row["raw"] or "")), []), row["reasons"]) for row in rows)
    return _write(stream, header, lines)


def _write_whole(settings: Settings, held: pa.Table, stream: io.TextIOBase) -> int:
    """Every record of the file, in its order."""
    first = held.slice(0, 1).to_pylist()[0]
    archived = reopen(settings, first["sha256"])
    with parts_of(archived, settings) as parts, duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        part = next(each for each in parts if each.name == first["file_name"])
        with open_incoming(part, settings, first["feed"], None) as incoming:
            delivered = incoming.load(connection)
            reasons = {row["record"]: row["reasons"] for row in held.to_pylist()}
            records = enumerate(_records(connection, delivered), start=1)
            lines = ((cells, reasons.get(record, [])) for record, cells in records)
            return _write(stream, delivered.layout.headers, lines)


def _write(
    stream: io.TextIOBase,
    header: Sequence[str],
    lines: Iterable[tuple[Sequence[str | None], Sequence[str]]],
) -> int:
    """The lines with their reasons; a file that comes back once more has the newest reasons only."""
    kept = [place for place, name in enumerate(header) if name not in REASON_HEADERS]
    was_returned = len(kept) < len(header)
    writer = csv.writer(stream)
    writer.writerow([*(_safe(header[place]) for place in kept), REASON_HEADER])
    count = 0
    for cells, reasons in lines:
        padded = [*cells, *[None] * (len(header) - len(cells))]
        texts = [text or "" for text in (*(padded[place] for place in kept), *padded[len(header) :])]
        bare = map(_bare, texts) if was_returned else texts
        writer.writerow([*map(_safe, bare), ";".join(reasons)])
        count += 1
    return count


def _records(connection: duckdb.DuckDBPyConnection, delivered: Delivered) -> Iterator[Sequence[str | None]]:
    """The records as they are written: of a CSV file its own text, else what was read."""
    if delivered.csv_file is not None:
        with delivered.csv_file.open(encoding="utf-8-sig", newline="", errors="replace") as stream:
            lines = (line for line in csv.reader(stream) if line)
            next(lines)
            yield from lines
        return
    names = ", ".join(f"cast({name} as varchar)" for name in delivered.layout.names)
    last = 0
    while fetched := connection.execute(
        f"select _row, {names} from numbered where _row > ? order by _row limit ?", [last, FETCHED_ROWS]
    ).fetchall():
        last = fetched[-1][0]
        yield from (record for _, *record in fetched)


def _bare(text: str) -> str:
    """A cell of a returned file without the quote it got."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA_STARTS) else text


def _safe(text: str) -> str:
    """A cell that no spreadsheet runs: a text, not a number, that begins like a formula is quoted.

    So is a text that looks as if it were quoted already, for one quote is taken off when the file comes back.
    """
    if not text.lstrip("'").startswith(FORMULA_STARTS):
        return text
    try:
        float(text.replace(",", ""))
    except ValueError:
        return f"'{text}"
    return text
