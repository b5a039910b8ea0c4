"""Alembic's entry point: always online, on the connection that ``migrate`` hands over."""

from alembic import context

from warehouse.control.models import CONTROL_REGISTRY

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=CONTROL_REGISTRY.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
