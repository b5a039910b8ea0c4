"""The control database: one chain of migrations, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from warehouse.control.database import alembic_config, control_engine, migrate
from warehouse.control.history import record_release, record_service, release_served_on, releases
from warehouse.control.models import CONTROL_REGISTRY, ReleaseRecord
from warehouse.settings import Settings
from warehouse.texts import Refused


def test_migrations_give_exactly_the_models(control_url: str) -> None:
    migrate(control_url)
    migrate(control_url)
    engine = control_engine(control_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, CONTROL_REGISTRY.metadata) == []
    engine.dispose()


def test_migrations_go_down_again(control_url: str) -> None:
    migrate(control_url)
    engine = control_engine(control_url)
    with engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    engine.dispose()
    migrate(control_url)


def test_history_is_kept(control_url: str, tmp_path: Path) -> None:
    migrate(control_url)
    settings = Settings(home=tmp_path, control_url=control_url)
    for name in ("R1", "R2"):
        record = ReleaseRecord(
            release_id=name,
            data_to=date(2025, 12, 31),
            known_on=date(2026, 1, 1),
            manifest_sha256="0" * 64,
            written_at=datetime.now(UTC),
        )
        record_release(settings, record)
        record_service(settings, record.release_id, "released")
    assert [record.release_id for record, _ in releases(settings)] == ["R2", "R1"]
    assert release_served_on(settings, datetime.now().astimezone().date()) == "R2"
    assert all(record.written_at.tzinfo is UTC for record, _ in releases(settings))


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://x", "sqlite:////nowhere/at/all.sqlite"])
def test_unusable_addresses_are_refused(url: str) -> None:
    with pytest.raises(Refused, match="YIBAO_CONTROL_URL"):
        migrate(url)
