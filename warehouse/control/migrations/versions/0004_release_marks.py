"""notes, pins and retirement of releases; what they hid"""

import sqlalchemy as sa
from alembic import op

from warehouse.control.models import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", sa.Column("note", sa.String(2000), nullable=False, server_default=""))
    op.add_column("release", sa.Column("pinned_because", sa.String(200), nullable=True))
    op.add_column("release", sa.Column("retired_at", UtcDateTime(), nullable=True))
    op.create_table(
        "disclosure",
        sa.Column("count_measure", sa.String(80), nullable=False),
        sa.Column("data_origin", sa.String(20), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("disclosure_year", sa.Integer(), nullable=False),
        sa.Column("was_month_hidden", sa.Boolean(), nullable=False),
        sa.Column("was_month_shown", sa.Boolean(), nullable=False),
        sa.Column("was_year_hidden", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "count_measure", "data_origin", "region_code", "disclosure_year", name="pk_disclosure"
        ),
    )


def downgrade() -> None:
    op.drop_table("disclosure")
    with op.batch_alter_table("release") as release:
        for column in ("retired_at", "pinned_because", "note"):
            release.drop_column(column)
