"""What Alembic runs to migrate: always on the connection it is given, inside the transaction open there."""

from alembic import context

from syncd.adapters.state.schema import metadata


def run() -> None:
    """Run the migrations that were asked for."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
    )
    context.run_migrations()


# Alembic loads this file under this name; whoever else imports it wants nothing to happen.
if __name__ == "env_py":
    run()
