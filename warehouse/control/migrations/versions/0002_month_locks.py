"""month locks"""

import sqlalchemy as sa
from alembic import op

from warehouse.control.models import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "month_lock",
        sa.Column("lock_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("locked_on", sa.Date(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("lock_id", name="pk_month_lock"),
        sa.UniqueConstraint("month", name="uq_month_lock_month"),
    )


def downgrade() -> None:
    op.drop_table("month_lock")
