#!/usr/bin/env bash
# PostgreSQL in its container: made once, then at each start the roles and databases of Airflow and MLflow with the passwords of
# the environment. Only the container's own account gets in without a password, and only through the socket.
set -euo pipefail

export PGDATA="$LAKE_HOME/state/postgres" PGHOST=/tmp
if [ ! -e "$PGDATA/PG_VERSION" ]; then
  # Made under another name first: a start that is cut short leaves nothing half made.
  rm -rf "$PGDATA.partial"
  mkdir -p "$PGDATA.partial"
  initdb --pgdata "$PGDATA.partial" --auth-local peer --auth-host scram-sha-256 --encoding UTF8 --locale C.UTF-8
  echo "host all all all scram-sha-256" >> "$PGDATA.partial/pg_hba.conf"
  mv "$PGDATA.partial" "$PGDATA"
fi

pg_ctl start --wait --silent --options "-c listen_addresses='' -c unix_socket_directories=/tmp"
role() { # name, password, databases …
  psql -q -d postgres -v ON_ERROR_STOP=1 -v role="$1" -v password="$2" <<'END'
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
END
  for database in "${@:3}"; do
    psql -q -d postgres -v ON_ERROR_STOP=1 -v role="$1" -v database="$database" <<'END'
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
END
  done
}
role airflow "${AIRFLOW_DATABASE_PASSWORD:?}" airflow
role mlflow "${MLFLOW_DATABASE_PASSWORD:?}" mlflow mlflow_logins
pg_ctl stop --wait --silent --mode fast

exec postgres -c listen_addresses='*' -c unix_socket_directories=/tmp
