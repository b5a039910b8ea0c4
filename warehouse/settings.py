"""Where state lives and which limits hold: one frozen object, no I/O at import."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from warehouse.texts import Refused

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SEEDS = PROJECT_ROOT / "seeds"
PUBLISHED_DATA = SEEDS / "published"
STATEMENT_FILES = SEEDS / "statements" / "files"
SHIPPED_DATA = (PUBLISHED_DATA, STATEMENT_FILES)
DBT_PROJECT = PROJECT_ROOT / "dbt_project"


@dataclass(frozen=True)
class QueryLimits:
    """Bounds on one statistician's query, enforced by the operating system and by DuckDB."""

    seconds: int = 60
    memory_mb: int = 2048
    threads: int = 2
    rows: int = 1_000_000
    result_mb: int = 256


@dataclass(frozen=True)
class Settings:
    """All paths of one home. ``home`` holds every byte of state; nothing is written elsewhere."""

    home: Path
    control_url: str
    dagster_url: str = ""
    query: QueryLimits = field(default_factory=QueryLimits)

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def sources(self) -> Path:
        """Which databases are pulled by themselves (docs/orchestration.md); absent where none is."""
        return self.home / "sources.yml"

    @property
    def inbox(self) -> Path:
        """Where files are dropped to be loaded; a loaded file moves from here into the archive."""
        return self.home / "inbox"

    @property
    def spill(self) -> Path:
        """Working copies and what DuckDB spills; emptied when a load begins."""
        return self.home / "spill"

    @property
    def person_key_file(self) -> Path:
        """The secret that turns person numbers into keys; made by ``init``, mode 600."""
        return self.home / "person.key"

    @property
    def person_key_mark(self) -> Path:
        """The fingerprint of that secret, by which a foreign one is known."""
        return self.home / "person.key.mark"

    @property
    def journal(self) -> Path:
        """Which file is being loaded: present only while a load runs, or after it was killed."""
        return self.home / "load.json"

    @property
    def set_aside(self) -> Path:
        """Loads that failed in an unforeseen way, kept for repair; absent until there is one."""
        return self.home / "set_aside"

    @property
    def restore_mark(self) -> Path:
        """Present while a restore fills the home, or after it was cut off: it goes on from there."""
        return self.home / "restore.json"

    @property
    def rebuilt_mark(self) -> Path:
        """Present when a rebuild is finished and not yet in place; its folder is where it was made."""
        return self.home / "rebuild" / "finished"

    @property
    def build_database(self) -> Path:
        return self.home / "build.duckdb"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    @property
    def pointer(self) -> Path:
        return self.releases / "current.json"

    @property
    def dbt_target(self) -> Path:
        return self.home / "dbt" / "target"

    @property
    def dbt_manifest(self) -> Path:
        """The parsed project. Not dbt's own file, which each build writes anew and a kill may cut off."""
        return self.home / "dbt" / "manifest.json"

    @property
    def passed_build(self) -> Path:
        """The record of a build that passed every check: what the release gate asks for."""
        return self.home / "dbt" / "passed_build.json"

    @property
    def failed_build(self) -> Path:
        """Which nodes failed in the last build; absent when it passed."""
        return self.home / "dbt" / "failed_build.json"

    @property
    def build_log(self) -> Path:
        """The builds from the command line, the newest first."""
        return self.home / "dbt" / "builds.jsonl"

    @property
    def engine_faults(self) -> Path:
        """Which nodes of the last full build the engine let down; absent when it did not."""
        return self.home / "dbt" / "engine_faults.json"

    @property
    def alert_channels(self) -> Path:
        """Where alerts are sent besides the inbox (docs/alerts.md), mode 600; absent where nowhere."""
        return self.home / "alerts.yml"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def audit_head(self) -> Path:
        """The newest audit entry's number and hash, kept beside the control database."""
        return self.home / "audit.head"

    @property
    def writer_lock(self) -> Path:
        return self.home / "writer.lock"


def load_settings(home: Path | str | None = None) -> Settings:
    """Settings of ``home``, else of ``YIBAO_HOME``, else of ``.yibao`` in the working directory."""
    chosen = Path(home or os.environ.get("YIBAO_HOME") or ".yibao").expanduser().absolute()
    control_url = os.environ.get("YIBAO_CONTROL_URL") or f"sqlite:///{chosen / 'control.sqlite'}"
    dagster_url = os.environ.get("YIBAO_DAGSTER_URL", "")
    return Settings(home=chosen, control_url=control_url, dagster_url=dagster_url, query=_query_limits())


def _query_limits() -> QueryLimits:
    """The shipped limits, but for those that the operator sets for a smaller or larger machine."""
    usual = QueryLimits()
    return replace(
        usual,
        seconds=_positive("YIBAO_QUERY_SECONDS", usual.seconds),
        memory_mb=_positive("YIBAO_QUERY_MEMORY_MB", usual.memory_mb),
    )


def _positive(variable: str, usual: int) -> int:
    text = os.environ.get(variable, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and int(text)):
        raise Refused(
            f"环境变量 {variable} 应是正整数，现为“{text[:20]}”。",
            f"The variable {variable} must be a positive whole number, not “{text[:20]}”.",
        )
    return int(text)
