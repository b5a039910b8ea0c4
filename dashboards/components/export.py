"""Download buttons; a file is written only when its button is pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pyarrow as pa
import streamlit as st

from dashboards.components.frame import Frame
from warehouse.control.exports import record_export
from warehouse.query.formats import WRITERS

MIME = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _write(table: pa.Table, format_name: str) -> bytes:
    return WRITERS[format_name](table)


def export_buttons(
    frame: Frame,
    name: str,
    table: Callable[[], pa.Table],
    stem: str,
    formats: Sequence[str] = ("xlsx", "csv"),
    write: Callable[[pa.Table, str], bytes] = _write,
    releases: Sequence[str] = (),
) -> None:
    """A button per format for the table called ``name``; the file is named ``stem`` and its format.

    A table of any size is given to a ``write`` that works elsewhere. Who took what is noted in the audit, for
    the ``releases`` that its rows are of: the page's own when none is named.
    """
    with st.container(horizontal=True, width="content", gap="small"):
        for format_name in formats:
            st.download_button(
                f"{name} {format_name.upper()}",
                data=partial(_content, frame, write, table, f"{stem}.{format_name}", releases),
                file_name=f"{stem}.{format_name}",
                mime=MIME[format_name],
                icon=":material/download:",
                on_click="ignore",
                key=f"export_{stem}_{format_name}",
            )


def _content(
    frame: Frame,
    write: Callable[[pa.Table, str], bytes],
    table: Callable[[], pa.Table],
    file_name: str,
    releases: Sequence[str],
) -> bytes:
    rows = table()
    content = write(rows, file_name.rpartition(".")[2])
    for release_id in releases or (frame.release.release_id,):
        record_export(frame.settings, frame.visitor.actor, release_id, file_name, rows.num_rows)
    return content
