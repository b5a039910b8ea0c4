"""Databases that are pulled by themselves: ``sources.yml`` of the home, read when it is needed.

The file names the environment variable with the address, never the address: it holds no password.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from warehouse.feeds import FEEDS
from warehouse.ingest.database import Origin, address_of
from warehouse.ingest.pull import Wish
from warehouse.settings import Settings
from warehouse.texts import Refused


class SourceEntry(BaseModel):
    """One table or query of a database that holds a feed."""

    model_config = ConfigDict(extra="forbid")

    feed: str
    url: str = "YIBAO_SOURCE_URL"
    table: str | None = None
    query: str | None = None
    watermark: str | None = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> SourceEntry:
        if (self.table is None) == (self.query is None):
            raise ValueError("table / query")
        if self.feed not in FEEDS:
            raise ValueError(f"feed {self.feed}")
        return self

    def wish(self) -> Wish:
        """What to pull; refused when the variable with the address is not set."""
        url = os.environ.get(self.url)
        if not url:
            raise Refused(
                f"环境变量 {self.url} 没有设置；sources.yml 从中取数据库地址。",
                f"The environment variable {self.url} is not set; sources.yml takes the database's address from it.",
            )
        return Wish(self.feed, address_of(url), Origin(self.table, self.query), self.watermark)


class SourceList(BaseModel):
    """The content of ``sources.yml``."""

    model_config = ConfigDict(extra="forbid")

    sources: dict[str, SourceEntry]


def sources_of(settings: Settings, names: Sequence[str] = ()) -> dict[str, SourceEntry]:
    """The databases by name, all or those named; none without a file."""
    if not settings.sources.exists():
        known: dict[str, SourceEntry] = {}
    else:
        try:
            content = yaml.safe_load(settings.sources.read_text(encoding="utf-8"))
            known = SourceList.model_validate(content).sources
        except (yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
            reason = " ".join(str(error).split())[:300]
            raise Refused(
                f"{settings.sources} 无法读取：{reason}。格式见 docs/orchestration.md。",
                f"{settings.sources} cannot be read: {reason}. See docs/orchestration.md for its form.",
            ) from error
    missing = [name for name in names if name not in known]
    if missing:
        raise Refused(
            f"{settings.sources} 中没有 {'、'.join(missing)}。",
            f"{settings.sources} has no {', '.join(missing)}.",
        )
    return {name: each for name, each in known.items() if not names or name in names}
