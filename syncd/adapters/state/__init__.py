"""The state in SQLite, through SQLAlchemy Core and Alembic."""
