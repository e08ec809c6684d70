#!/usr/bin/env bash
# Airflow with the secrets of its environment. `airflow.sh init` makes its database and its login; everything else is a command
# of Airflow's own. AIRFLOW_SQLITE names a file in AIRFLOW_HOME; without it the database is the one in the container postgres.
set -euo pipefail

export AIRFLOW__CORE__FERNET_KEY="${AIRFLOW_FERNET_KEY:?}"
export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS="${AIRFLOW_ADMIN_USER:?}:admin"
export AIRFLOW__API__SECRET_KEY="${AIRFLOW_API_SECRET:?}"
export AIRFLOW__API_AUTH__JWT_SECRET="${AIRFLOW_JWT_SECRET:?}"
if [ -n "${AIRFLOW_SQLITE:-}" ]; then
  export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:///$AIRFLOW_HOME/$AIRFLOW_SQLITE"
else
  login="airflow:${AIRFLOW_DATABASE_PASSWORD:?}"
  export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="postgresql+psycopg2://$login@postgres/airflow"
fi

if [ "$1" != init ]; then
  exec airflow "$@"
fi

mkdir -p "$AIRFLOW_HOME"
cd "$AIRFLOW_HOME"
# The file that Airflow's simple auth manager reads. Without it Airflow makes a password up and logs it.
(umask 077 && python -c '
import json, os
print(json.dumps({os.environ["AIRFLOW_ADMIN_USER"]: os.environ["AIRFLOW_ADMIN_PASSWORD"]}))
' > passwords.json)
if [ -z "${AIRFLOW_SQLITE:-}" ]; then
  exec airflow db migrate
fi
# A file's tables are made or changed on a copy: a start that is cut short leaves nothing half made.
version="$(python -c 'from importlib.metadata import version; print(version("apache-airflow"))')"
if [ ! -e "$AIRFLOW_SQLITE" ] || [ "$(cat "$AIRFLOW_SQLITE.version" 2> /dev/null)" != "$version" ]; then
  rm -f partial.db
  if [ -e "$AIRFLOW_SQLITE" ]; then cp "$AIRFLOW_SQLITE" partial.db; fi
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:///$PWD/partial.db" airflow db migrate
  mv partial.db "$AIRFLOW_SQLITE"
  printf '%s' "$version" > "$AIRFLOW_SQLITE.version"
fi
