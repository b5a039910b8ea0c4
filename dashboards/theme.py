"""Colours and symbols, decided once: safe for the colour-blind, and never the only carrier of a meaning."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.texts import Text

ACCENT = "#1F4E79"
INK = "#1B2733"
MUTED = "#55626F"
LINE = "#D5DDE5"
PAPER = "#F4F6F9"
FONT = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"

GREEN = "#00664F"
AMBER = "#8A5A00"
RED = "#A8231C"
BLUE = "#0B5394"
GREY = "#55626F"


@dataclass(frozen=True)
class Mark:
    """How a state is drawn: a symbol of the installed fonts, words, and a colour that repeats them."""

    symbol: str
    word: Text
    colour: str


SIGNALS = {
    "green": Mark("●", Text("正常", "Normal"), GREEN),
    "amber": Mark("▲", Text("关注", "Watch"), AMBER),
    "red": Mark("■", Text("预警", "Alarm"), RED),
    "blue": Mark("◆", Text("复核", "Review"), BLUE),
    "grey": Mark("○", Text("存疑", "Doubtful"), GREY),
}

VERDICTS = {
    "achieved": ("●", GREEN),
    "basically": ("◎", GREEN),
    "on_track": ("●", BLUE),
    "lagging": ("▲", AMBER),
    "at_risk": ("▼", RED),
    "not_achieved": ("■", RED),
    "over": ("△", BLUE),
    "delayed_done": ("○", AMBER),
    "qualitative_pending": ("◇", BLUE),
    "undefined_target": ("□", AMBER),
    "not_comparable": ("≠", GREY),
    "no_data": ("○", GREY),
}

SEVERITIES = {"error": ("■", RED), "warn": ("▲", AMBER), "info": ("○", BLUE)}

FEED_SEVERITIES = {
    "reject": ("■", RED),
    "wait": ("◇", BLUE),
    "set_aside": ("□", GREY),
    "blank": ("△", AMBER),
    "warn": ("▲", AMBER),
    "repaired": ("●", GREEN),
    "not_checked": ("○", GREY),
}

RUN_STATES = {"success": ("●", GREEN), "failure": ("■", RED), "started": ("◆", BLUE), "canceled": ("□", GREY)}

ALERTS = {"critical": ("■", RED), "warning": ("▲", AMBER), "info": ("○", BLUE)}
DELIVERY_STATES = {
    "arrived": ("●", GREEN),
    "late": ("▲", AMBER),
    "pending": ("◇", BLUE),
    "overdue": ("■", RED),
    "incomplete": ("◧", RED),
    "never": ("○", GREY),
    "accepted": ("●", GREEN),
    "refused": ("■", RED),
    "repaired": ("○", GREEN),
}

UNKNOWN = ("○", GREY)

SERIES_COLOURS = {  # the pool alone and the whole fund are two quantities: two hues, apart for the colour-blind
    "employee": {"total": "#009E73", "account": "#CC79A7", "unstated": "#56B4E9"},
    "resident": {"total": "#8A6D00", "unstated": "#E69F00"},
    "all": {"total": "#4D4D4D", "unstated": "#7F98B0"},
}
SCHEME_COLOURS = {"employee": "#0B5394", "resident": "#C25A00", "all": "#1F4E79"}
OTHER_SERIES = "#5B4B8A"

STATUS_DASHES = {"final": [1, 0], "preliminary": [6, 4], "unstated": [2, 3]}
STATUS_SHAPES = {"final": "circle", "preliminary": "diamond", "unstated": "square"}


def series_colour(scheme_code: str, fund_scope: str) -> str:
    """The colour of a scheme's series; each part of its fund has a hue of its own, on every page the same."""
    own = SCHEME_COLOURS.get(scheme_code, OTHER_SERIES)
    return SERIES_COLOURS.get(scheme_code, {}).get(fund_scope, own)
