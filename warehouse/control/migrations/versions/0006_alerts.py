"""alerts: episodes, deliveries and the last evaluation"""

import sqlalchemy as sa
from alembic import op

from warehouse.control.models import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_episode",
        sa.Column("episode_id", sa.Integer(), nullable=False),
        sa.Column("rule_code", sa.String(40), nullable=False),
        sa.Column("subject_key", sa.String(200), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("first_release", sa.String(40), nullable=True),
        sa.Column("last_release", sa.String(40), nullable=True),
        sa.Column("message_zh", sa.String(1000), nullable=False),
        sa.Column("message_en", sa.String(1000), nullable=False),
        sa.Column("value_text", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("episode_id", name="pk_alert_episode"),
    )
    # One open episode for one thing, whoever evaluates at the same time.
    op.create_index(
        "uq_alert_episode_open",
        "alert_episode",
        ["rule_code", "subject_key"],
        unique=True,
        sqlite_where=sa.text("resolved_at is null"),
        postgresql_where=sa.text("resolved_at is null"),
    )
    op.create_index("ix_alert_episode_resolved_at", "alert_episode", ["resolved_at"])
    op.create_table(
        "alert_delivery",
        sa.Column("episode_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("occasion", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", UtcDateTime(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["alert_episode.episode_id"], name="fk_alert_delivery_episode_id_alert_episode"
        ),
        sa.PrimaryKeyConstraint("episode_id", "channel", "occasion", name="pk_alert_delivery"),
    )
    op.create_table(
        "alert_evaluation",
        sa.Column("evaluation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("evaluated_at", UtcDateTime(), nullable=False),
        sa.Column("evaluated_on", sa.Date(), nullable=False),
        sa.Column("release_id", sa.String(40), nullable=True),
        sa.Column("error", sa.String(1000), nullable=True),
        sa.PrimaryKeyConstraint("evaluation_id", name="pk_alert_evaluation"),
    )


def downgrade() -> None:
    op.drop_table("alert_evaluation")
    op.drop_table("alert_delivery")
    op.drop_index("ix_alert_episode_resolved_at", "alert_episode")
    op.drop_index("uq_alert_episode_open", "alert_episode")
    op.drop_table("alert_episode")
