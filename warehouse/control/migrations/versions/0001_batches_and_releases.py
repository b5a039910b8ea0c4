"""batches and releases"""

import sqlalchemy as sa
from alembic import op

from warehouse.control.models import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("batch_id", sa.String(120), nullable=False),
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("file_name", sa.String(400), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_accepted", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column("rows_duplicate", sa.Integer(), nullable=False),
        sa.Column("message_zh", sa.String(2000), nullable=False),
        sa.Column("message_en", sa.String(2000), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name="pk_batch"),
    )
    op.create_index("ix_batch_sha256", "batch", ["sha256"])
    op.create_table(
        "release",
        sa.Column("release_id", sa.String(40), nullable=False),
        sa.Column("data_to", sa.Date(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("release_id", name="pk_release"),
    )
    op.create_table(
        "service",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.String(40), nullable=False),
        sa.Column("served_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.release_id"], name="fk_service_release_id_release"),
        sa.PrimaryKeyConstraint("service_id", name="pk_service"),
    )
    op.create_index("ix_service_release_id", "service", ["release_id"])
    op.create_index("ix_service_served_at", "service", ["served_at"])


def downgrade() -> None:
    op.drop_table("service")
    op.drop_table("release")
    op.drop_table("batch")
