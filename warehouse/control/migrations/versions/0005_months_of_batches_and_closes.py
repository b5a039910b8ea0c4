"""months of batches, and how months were closed"""

import sqlalchemy as sa
from alembic import op

from warehouse.control.models import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch_month",
        sa.Column("batch_id", sa.String(120), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("rows_touched", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.batch_id"], name="fk_batch_month_batch_id_batch"),
        sa.PrimaryKeyConstraint("batch_id", "month", name="pk_batch_month"),
    )
    op.create_index("ix_batch_month_month", "batch_month", ["month"])
    op.create_table(
        "month_close",
        sa.Column("close_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("release_id", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=True),
        sa.Column("checklist", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("close_id", name="pk_month_close"),
        sa.UniqueConstraint("month", name="uq_month_close_month"),
    )


def downgrade() -> None:
    op.drop_table("month_close")
    op.drop_index("ix_batch_month_month", "batch_month")
    op.drop_table("batch_month")
