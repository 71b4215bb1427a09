"""Write a migration for what `store/tables` has and the last migration has not.

python -m tools.migration "what changes"
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from nubemox_bot.store.engine import Database
from nubemox_bot.store.upgrade import alembic_config


def main(message: str) -> None:
    """Bring an empty database to the last migration and write the next one."""
    config = alembic_config()
    scripts = ScriptDirectory.from_config(config)
    number = len(list(scripts.walk_revisions())) + 1
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'empty.db'}")
        with database.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04}")
        database.close()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "change")
