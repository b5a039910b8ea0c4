"""The one style sheet: calm on a desk, readable on a phone, one A4 on paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

import streamlit as st

from dashboards import theme
from dashboards.i18n import say

DOCUMENT_LANGUAGES = {"zh": "zh-CN", "en": "en"}
SHEET = Path(__file__).with_name("style.css")


def apply_style() -> None:
    """Put the style sheet into the page."""
    st.html(f"<style>{_sheet()}</style>")


def speak(lang: str) -> None:
    """Name the language of the document: screen readers and browsers' translators go by it."""
    st.html(f"<script>{_script(DOCUMENT_LANGUAGES[lang])}</script>", unsafe_allow_javascript=True)


def _script(language: str) -> str:
    return f"document.documentElement.lang = '{language}'"


def apply_footer(release_id: str, lang: str) -> None:
    """What stands under each sheet of paper: whose numbers, of which release, and the number of the sheet."""
    words = say("print.footer", lang, release=release_id)
    st.html(
        "<style>@page { "
        f"@bottom-left {{ content: '{words}'; font-size: 8pt; color: {theme.MUTED}; }} "
        f"@bottom-right {{ content: counter(page) ' / ' counter(pages); font-size: 8pt; color: {theme.MUTED}; }} "
        "}</style>"
    )


SCRIPTS = (  # all that run in a page, for its content security policy; the first stands in Streamlit's own page
    "\n      window.prerenderReady = false\n    ",
    *(_script(language) for language in DOCUMENT_LANGUAGES.values()),
)


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
