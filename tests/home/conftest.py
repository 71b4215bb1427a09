from tests.databases import (  # noqa: F401 - fixtures
    clock,
    database,
    database_url,
    migrated_file,
    migrated_postgres,
    postgres,
    ready_postgres_url,
    sqlite_url,
)
