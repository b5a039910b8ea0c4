"""The open alerts of a home, as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from warehouse.alerts.episodes import SEVERITIES, open_episodes
from warehouse.settings import Settings
from warehouse.texts import Text


@dataclass(frozen=True)
class Alert:
    """One open episode."""

    severity: str
    severity_text: Text
    message: str
    first_seen_at: datetime
    last_seen_at: datetime
    times_seen: int


def open_alerts(settings: Settings, lang: str) -> list[Alert]:
    """The open episodes, most severe first."""
    order: list[str] = list(SEVERITIES)
    words = {str(code): text for code, text in SEVERITIES.items()}
    found = [
        Alert(
            severity=each.severity,
            severity_text=words[each.severity],
            message=each.message_en if lang == "en" else each.message_zh,
            first_seen_at=each.first_seen_at,
            last_seen_at=each.last_seen_at,
            times_seen=each.times_seen,
        )
        for each in open_episodes(settings)
    ]
    return sorted(found, key=lambda each: (order.index(each.severity), each.first_seen_at))
