"""The notice of return (退回通知): the sender's rows with a column of reasons, ready to be corrected."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.connections import CLOSED_WORLD
from warehouse.ingest import quarantine
from warehouse.ingest.archive import reopen
from warehouse.ingest.incoming import open_incoming, parts_of
from warehouse.ingest.recognise import REASON_HEADERS
from warehouse.settings import Settings
from warehouse.texts import Refused

REASON_HEADER = REASON_HEADERS[0]
FORMULA_STARTS = ("=", "+", "-", "@")


def write_returned(settings: Settings, batch_id: str, output: Path | None) -> tuple[Path, int]:
    """Write CSV (UTF-8 with BOM, as spreadsheets want it) and return its path and number of rows.

    Of a batch that was accepted the refused rows are given back; of one refused whole the whole file, with
    reasons where there are any. Texts that a spreadsheet would run as a formula get an apostrophe, which is
    taken off again when the file comes back.
    """
    held = quarantine.rows(settings, batch_id)
    first = held.slice(0, 1).to_pylist()[0]
    target = output or Path(f"{Path(first['file_name'].replace('!', '_')).stem}_退回.csv")
    try:
        with target.open("w", encoding="utf-8-sig", newline="") as stream:
            target.chmod(0o600)
            if first["is_whole_batch"]:
                return target, _write_whole(settings, held, stream)
            return target, _write_rows(held, stream)
    except OSError as error:
        raise Refused(
            f"无法写入 {target}:{error.strerror}。", f"Cannot write {target}: {error.strerror}."
        ) from error


def _write_rows(held: pa.Table, stream: io.TextIOBase) -> int:
    writer = csv.writer(stream)
    rows = held.to_pylist()
    header = next(csv.reader(io.StringIO(rows[0]["header"])))
    writer.writerow([*header, REASON_HEADER])
    for row in rows:
        line = next(csv.reader(io.StringIO(row["raw"] or "")), [])
        padded = [*map(_safe, line), *[""] * (len(header) - len(line))]
        writer.writerow([*padded, ";".join(row["reasons"])])
    return len(rows)


def _write_whole(settings: Settings, held: pa.Table, stream: io.TextIOBase) -> int:
    """Every record of the file, in its order."""
    first = held.slice(0, 1).to_pylist()[0]
    archived = reopen(settings, first["sha256"])
    with parts_of(archived, settings) as parts, duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        part = next(each for each in parts if each.name == first["file_name"])
        with open_incoming(part, settings, first["feed"], None) as incoming:
            layout = incoming.load(connection).layout
            connection.register("held", held)
            names = ", ".join(f"cast(numbered.{name} as varchar)" for name in layout.names)
            written = connection.execute(
                f"""
                select _row, [{names}], null from numbered
                union all
                select _row, null, line from rejected_line
                order by _row
                """
            )
            reasons = {row["record"]: ";".join(row["reasons"]) for row in held.to_pylist()}
            writer = csv.writer(stream)
            writer.writerow([*layout.headers, REASON_HEADER])
            count = 0
            while rows := written.fetchmany(10_000):
                for record, values, line in rows:
                    cells = values if line is None else next(csv.reader(io.StringIO(line)), [])
                    padded = [*map(_safe, cells), *[""] * (len(layout.headers) - len(cells))]
                    writer.writerow([*padded, reasons.get(record, "")])
                    count += 1
    return count


def _safe(text: str | None) -> str:
    """A cell that no spreadsheet runs: a text, not a number, that begins like a formula is quoted."""
    if not text or not text.startswith(FORMULA_STARTS):
        return text or ""
    try:
        float(text.replace(",", ""))
    except ValueError:
        return f"'{text}"
    return text
