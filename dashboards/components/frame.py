"""What every page starts with: language, release, connection, trust strip; and what it shows without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import duckdb
import streamlit as st

from dashboards.components import url_state
from dashboards.components.markup import plain, tag
from dashboards.components.style import apply_footer
from dashboards.components.trust_strip import trust_strip
from dashboards.i18n import DEFAULT_LANGUAGE, LANGUAGES, pick, say
from dashboards.services import releases
from dashboards.services.visitors import COOKIE, Visitor, visitor
from dashboards.services.words import Words, load_words
from warehouse.places import shown, without_places
from warehouse.release.pointer import Release
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused

OWNER = "session_owner"


@dataclass(frozen=True)
class Frame:
    """The release a page reads, the file of it that the visitor may see, and the language it speaks."""

    settings: Settings
    release: Release
    file: Path
    connection: duckdb.DuckDBPyConnection
    lang: str
    words: Words
    visitor: Visitor

    def say(self, key: str, **parts: object) -> str:
        """A page text in the language of the page."""
        return say(key, self.lang, **parts)


def language() -> str:
    """The language chosen in the sidebar."""
    return str(st.session_state.get("lang") or DEFAULT_LANGUAGE)


def sidebar() -> str:
    """The language switch; gives the language."""
    with st.sidebar:
        return url_state.segmented(
            "lang",
            "语言 / Language",
            list(LANGUAGES),
            lambda code: LANGUAGES[code],
            label_visibility="collapsed",
        )


def admit(lang: str) -> Visitor:
    """The visitor, named in the sidebar; without a session the page asks for a login and goes no further."""
    try:
        found = _visitor()
    except Refused as refused:
        text = shown(refused.text, [load_settings().home])
        _stop_with(say("error.title", lang), plain(pick(text, lang)))
    if found is None:
        st.session_state.clear()
        _stop_with(say("login.title", lang), say("login.body", lang), say("login.link", lang), "/login")
    _own_state(found)
    with st.sidebar:
        if found.is_single_user:
            st.caption(say("sidebar.local", lang))
        else:
            role, scope = pick(found.role_name, lang), pick(found.scope_name, lang)
            st.caption(say("sidebar.account", lang, name=plain(found.name), role=role, scope=scope))
            st.html(
                tag(
                    "a", say("sidebar.password", lang), href="/password", target="_self", class_="yb-link"
                ).source
                + " · "
                + tag(
                    "a", say("sidebar.logout", lang), href="/logout", target="_self", class_="yb-link"
                ).source
            )
    return found


def _own_state(found: Visitor) -> None:
    """What a session remembers belongs to one owner: for another, nothing of it is left."""
    before = st.session_state.get(OWNER)
    if before is not None and before != found.owner:
        st.session_state.clear()
        st.query_params.clear()
        st.session_state[OWNER] = found.owner
        st.rerun()
    st.session_state[OWNER] = found.owner


def session_token() -> str | None:
    """The token in the browser's cookie."""
    token = st.context.cookies.get(COOKIE)
    return token if isinstance(token, str) else None


def _visitor() -> Visitor | None:
    return visitor(load_settings(), session_token())


def _stop_with(title: str, body: str, link: str = "", target: str = "") -> NoReturn:
    st.title(title, anchor=False)
    st.info(body, icon=":material/lock:")
    if target:
        st.html(tag("a", link, href=target, target="_self").source)
    st.stop()


def open_frame(release_id: str | None = None) -> Frame:
    """The release served now (or ``release_id``), opened once per file and shared by all sessions."""
    found = _visitor()
    if found is None:
        st.stop()
    settings = load_settings()
    release = releases.choose(settings, release_id) if release_id else releases.current(settings)
    file = release.file(found.file_scope)
    connection = _connection(str(file))
    lang = language()
    return Frame(settings, release, file, connection, lang, load_words(connection, lang), found)


def show_trust(frame: Frame) -> None:
    """The trust strip of the frame's release; the same under each sheet when the page is printed."""
    apply_footer(frame.release.release_id, frame.lang)
    trust_strip(releases.trust(frame.connection, frame.release, frame.words), frame.lang)


def run_guarded(page: Callable[[], None]) -> None:
    """Run a page; without a release, or when it cannot be read, say so in its place instead of breaking."""
    lang = language()
    body = st.empty()
    try:
        with body.container():
            page()
    except Refused as refused:
        body.empty()
        _show_refusal(refused, lang)
    except (duckdb.Error, OSError, ValueError, KeyError) as error:
        body.empty()
        st.title(say("error.title", lang))
        st.error(say("error.body", lang), icon=":material/error:")
        reason = without_places(f"{type(error).__name__}: {error}", [load_settings().home])
        st.code(reason, language=None, wrap_lines=True)


def _show_refusal(refused: Refused, lang: str) -> None:
    settings = load_settings()
    if releases.has_release(settings):
        st.title(say("error.title", lang))
        st.error(plain(pick(shown(refused.text, [settings.home]), lang)), icon=":material/error:")
        return
    st.title(say("empty.title", lang))
    st.info(say("empty.body", lang), icon=":material/inbox:")
    st.code("yibao run", language="bash", wrap_lines=True)


@st.cache_resource(max_entries=12, show_spinner=False)
def _connection(file: str) -> duckdb.DuckDBPyConnection:
    return releases.connect(Path(file))
