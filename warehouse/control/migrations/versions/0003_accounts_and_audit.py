"""accounts and audit"""

import sqlalchemy as sa
from alembic import op

from warehouse.control.models import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# An entry may only be added, and only at the end: "insert or replace" would delete without asking a trigger.
SQLITE_TRIGGERS = (
    """
    create trigger audit_entry_no_update before update on audit_entry
    begin select raise(abort, 'audit_entry is append-only'); end
    """,
    """
    create trigger audit_entry_no_delete before delete on audit_entry
    begin select raise(abort, 'audit_entry is append-only'); end
    """,
    """
    create trigger audit_entry_at_the_end before insert on audit_entry
    when new.sequence <> (select coalesce(max(sequence), 0) + 1 from audit_entry)
        or new.previous_hash <> coalesce(
            (select hash from audit_entry order by sequence desc limit 1),
            '0000000000000000000000000000000000000000000000000000000000000000'
        )
    begin select raise(abort, 'audit_entry is append-only'); end
    """,
)
POSTGRESQL_TRIGGERS = (
    """
    create function audit_entry_refuse() returns trigger language plpgsql as $$
    begin raise exception 'audit_entry is append-only'; end $$
    """,
    """
    create function audit_entry_at_the_end() returns trigger language plpgsql as $$
    begin
        if new.sequence <> (select coalesce(max(sequence), 0) + 1 from audit_entry)
            or new.previous_hash <> coalesce(
                (select hash from audit_entry order by sequence desc limit 1), repeat('0', 64)
            )
        then raise exception 'audit_entry is append-only'; end if;
        return new;
    end $$
    """,
    """
    create trigger audit_entry_no_change before update or delete on audit_entry
    for each row execute function audit_entry_refuse()
    """,
    """
    create trigger audit_entry_no_truncate before truncate on audit_entry
    for each statement execute function audit_entry_refuse()
    """,
    """
    create trigger audit_entry_at_the_end before insert on audit_entry
    for each row execute function audit_entry_at_the_end()
    """,
)


def upgrade() -> None:
    for table in ("service", "month_lock"):
        op.add_column(table, sa.Column("actor", sa.String(40), nullable=False, server_default="local"))
    op.create_table(
        "account",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(6), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_account"),
    )
    op.create_table(
        "login_attempt",
        sa.Column("name_sha256", sa.String(64), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name_sha256", name="pk_login_attempt"),
    )
    op.create_table(
        "login_session",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name="fk_login_session_account_account"),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_login_session"),
    )
    op.create_index("ix_login_session_account", "login_session", ["account"])
    op.create_table(
        "audit_entry",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_entry"),
        sa.UniqueConstraint("hash", name="uq_audit_entry_hash"),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    triggers = SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_TRIGGERS
    for trigger in triggers:
        op.execute(trigger)


def downgrade() -> None:
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("drop function audit_entry_refuse")
        op.execute("drop function audit_entry_at_the_end")
    op.drop_table("login_session")
    op.drop_table("login_attempt")
    op.drop_table("account")
    for table in ("service", "month_lock"):
        op.drop_column(table, "actor")
