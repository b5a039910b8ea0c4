"""what each batch brought by month and region, and months an operator said to be complete"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch_arrival",
        sa.Column("batch_id", sa.String(120), nullable=False),
        sa.Column("region_code", sa.String(20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("rows_new", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.batch_id"], name="fk_batch_arrival_batch_id_batch"),
        sa.PrimaryKeyConstraint("batch_id", "region_code", "month", name="pk_batch_arrival"),
    )
    op.create_index("ix_batch_arrival_month", "batch_arrival", ["month"])
    op.create_table(
        "delivery_said",
        sa.Column("feed", sa.String(60), nullable=False),
        sa.Column("region_code", sa.String(20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.PrimaryKeyConstraint("feed", "region_code", "month", name="pk_delivery_said"),
    )


def downgrade() -> None:
    op.drop_table("delivery_said")
    op.drop_index("ix_batch_arrival_month", "batch_arrival")
    op.drop_table("batch_arrival")
