"""The catalogue: tables found by words, and the columns of one of them."""

from __future__ import annotations

import streamlit as st

from dashboards.components import url_state
from dashboards.components.frame import Frame
from dashboards.components.markup import Html, join, table, tag
from dashboards.services import catalogue


def catalogue_view(frame: Frame) -> None:
    """A search line, the tables it finds, and the columns of the table chosen."""
    search = frame.say("workbench.search")
    found = catalogue.tables(frame.connection, url_state.text("search", search, search), frame.lang)
    if not found:
        st.info(frame.say("workbench.no_table"), icon=":material/search_off:")
        return
    st.caption(frame.say("workbench.tables", tables=len(found)))
    heads = [frame.say(f"workbench.{key}") for key in ("schema", "table", "description", "rows", "columns")]
    st.html(table(heads, [_line(each) for each in found], right=(3, 4), wide=2).source)
    texts = {each.full_name: each.text or "" for each in found}
    chosen = url_state.select(
        "table", frame.say("workbench.table"), list(texts), lambda name: f"{name} — {texts[name]}"
    )
    _columns(chosen, frame)


def _line(each: catalogue.CatalogueTable) -> tuple[Html | str, ...]:
    schema = join((tag("code", each.schema_name), tag("span", each.schema_text or "", class_="yb-sub")))
    return schema, tag("code", each.table_name), each.text or "", f"{each.row_cnt:,}", str(each.column_cnt)


def _columns(chosen: str, frame: Frame) -> None:
    heads = [frame.say(f"workbench.{key}") for key in ("column", "type", "description", "nullable")]
    lines = [
        (
            tag("code", column.column_name),
            column.data_type,
            column.text or "",
            frame.say("workbench.yes" if column.is_nullable else "workbench.no"),
        )
        for column in catalogue.columns(frame.connection, chosen, frame.lang)
    ]
    st.html(table(heads, lines, wide=2).source)
