"""What day it is in China, wherever the machine stands."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The day in China, wherever the machine stands."""
    return datetime.now(CHINA).date()
