"""Widgets whose value stands in the address by its code, so that a link reproduces the view.

Streamlit's own binding writes the labels (``?lang=中文``), which change with the language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dashboards.components.markup import plain
from dashboards.i18n import DEFAULT_LANGUAGE, say


def segmented(
    key: str, label: str, options: Sequence[str], words: Callable[[str], str], **layout: Any
) -> str:
    """A switch between a few options; gives the chosen code."""
    gone = _adopt(key, options, options[0])
    chosen = st.segmented_control(
        label, options, format_func=words, key=key, required=True, persist_state="session", **layout
    )
    _say_gone(gone, words(chosen or options[0]))
    return _publish(key, chosen or options[0])


def select(key: str, label: str, options: Sequence[str], words: Callable[[str], str], **layout: Any) -> str:
    """A list to choose one option from; gives the chosen code."""
    gone = _adopt(key, options, options[0])
    chosen = st.selectbox(label, options, format_func=words, key=key, persist_state="session", **layout)
    _say_gone(gone, words(chosen or options[0]))
    return _publish(key, chosen or options[0])


def text(key: str, label: str, placeholder: str) -> str:
    """A line of text; gives it stripped."""
    _adopt(key, None, "")
    typed = st.text_input(
        label, key=key, placeholder=placeholder, label_visibility="collapsed", persist_state="session"
    )
    return _publish(key, (typed or "").strip())


def _adopt(key: str, options: Sequence[str] | None, default: str) -> str | None:
    """Take the value of the address when a link brought one; keep what the session has otherwise.

    Gives the link's value when there is no such thing (any more): a release that was retired, a mistyped code.
    """
    given = st.query_params.get(key)
    is_new = given is not None and given != st.session_state.get(_seen(key))
    is_allowed = given is not None and (options is None or given in options)
    if is_allowed and is_new:
        st.session_state[key] = given
    current = st.session_state.get(key)
    if current is None or (options is not None and current not in options):
        st.session_state[key] = default
    return given if is_new and not is_allowed else None


def _say_gone(given: str | None, shown: str) -> None:
    if given is not None:
        lang = str(st.session_state.get("lang") or DEFAULT_LANGUAGE)
        st.warning(say("link.gone", lang, given=plain(given), shown=plain(shown)), icon=":material/link_off:")


def _publish(key: str, value: str) -> str:
    st.session_state[_seen(key)] = value
    if value:
        st.query_params[key] = value
    else:
        st.query_params.pop(key, None)
    return value


def _seen(key: str) -> str:
    return f"url:{key}"
