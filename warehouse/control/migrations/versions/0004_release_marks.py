"""notes, pins and retirement of releases"""

import sqlalchemy as sa
from alembic import op

from warehouse.control.models import UtcDateTime

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", sa.Column("note", sa.String(2000), nullable=False, server_default=""))
    op.add_column("release", sa.Column("pinned_because", sa.String(200), nullable=True))
    op.add_column("release", sa.Column("retired_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("release") as release:
        for column in ("retired_at", "pinned_because", "note"):
            release.drop_column(column)
