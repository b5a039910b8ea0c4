"""Published figures or the feeds' own: the two never stand in one card or line."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.components import url_state
from dashboards.components.frame import Frame
from dashboards.components.markup import tag
from dashboards.services.leader import SYNTHETIC


def origin_switch(origins: Sequence[str], frame: Frame) -> str:
    """The chosen origin; where it is synthetic, a watermark that cannot be switched off."""
    if len(origins) > 1:
        origin = url_state.segmented(
            "origin",
            frame.say("leader.origin"),
            origins,
            lambda code: frame.words.of("data_origin", code),
            label_visibility="collapsed",
        )
    else:
        origin = next(iter(origins), "published")
    if origin == SYNTHETIC:
        watermark(frame)
    return origin


def watermark(frame: Frame) -> None:
    """The words over synthetic figures."""
    st.html(tag("div", frame.say("leader.synthetic"), class_="yb-watermark").source)
