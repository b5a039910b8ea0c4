"""The one style sheet: calm on a desk, readable on a phone, one A4 on paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

import streamlit as st

from dashboards import theme

SHEET = Path(__file__).with_name("style.css")


def apply_style() -> None:
    """Put the style sheet into the page."""
    st.html(f"<style>{_sheet()}</style>")


@cache
def _sheet() -> str:
    return Template(SHEET.read_text(encoding="utf-8")).substitute(
        accent=theme.ACCENT,
        ink=theme.INK,
        muted=theme.MUTED,
        line=theme.LINE,
        paper=theme.PAPER,
        amber=theme.AMBER,
    )
