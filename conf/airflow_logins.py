"""Who may log in to Airflow: the operator. `python -m conf.airflow_logins FILE` writes Airflow's file in a container."""

import json
import sys
from pathlib import Path

from conf.settings import Settings, load


def write(settings: Settings, file: Path) -> None:
    """The file that Airflow's simple auth manager reads, mode 600. Without it Airflow makes a password up and logs it."""
    logins = {settings.credential("airflow_admin_user"): settings.credential("airflow_admin_password")}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(logins))


if __name__ == "__main__":
    write(load(), Path(sys.argv[1]))
