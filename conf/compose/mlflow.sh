#!/usr/bin/env bash
# MLflow's server with the secrets of its environment, its tables made before it serves. MLFLOW_SQLITE names a folder in LAKE_HOME
# for SQLite files; without it the databases are in the container postgres, and tables of an earlier MLflow are migrated.
set -euo pipefail

export MLFLOW_S3_ENDPOINT_URL="http://${MINIO_HOST:?}:${MINIO_PORT:?}"
export AWS_ACCESS_KEY_ID="${MLFLOW_ACCESS_KEY:?}" AWS_SECRET_ACCESS_KEY="${MLFLOW_SECRET_KEY:?}"
export MLFLOW_AUTH_ADMIN_USERNAME="${MLFLOW_ADMIN_USER:?}" MLFLOW_AUTH_ADMIN_PASSWORD="${MLFLOW_ADMIN_PASSWORD:?}"
export MLFLOW_FLASK_SERVER_SECRET_KEY="${MLFLOW_SESSION_SECRET:?}"

if [ -n "${MLFLOW_SQLITE:-}" ]; then
  folder="${LAKE_HOME:?}/$MLFLOW_SQLITE"
  mkdir -p "$folder"
  runs="sqlite:///$folder/mlflow.db" logins="sqlite:///$folder/logins.db"
  if [ ! -e "$folder/mlflow.db" ]; then
    # Made under another name first: a start that is cut short leaves nothing half made.
    rm -f "$folder/partial.db"
    mlflow db upgrade "sqlite:///$folder/partial.db"
    mv "$folder/partial.db" "$folder/mlflow.db"
  fi
else
  # libpq's own variables: no password in an address or on a command line.
  export PGHOST=postgres PGUSER=mlflow PGPASSWORD="${MLFLOW_DATABASE_PASSWORD:?}"
  runs="postgresql+psycopg2:///mlflow" logins="postgresql+psycopg2:///mlflow_logins"
  mlflow db upgrade "$runs"
fi

# EDIT: whoever can log in may add to every experiment and model, and delete only what is their own. A password that was right counts
# for a minute: MLflow hashes it several times for each request, 0.7 s (measured), and a training makes sixty.
mkdir -p "$(dirname "${MLFLOW_AUTH_CONFIG_PATH:?}")"
printf '[mlflow]\ndefault_permission = EDIT\nauth_cache_ttl_seconds = 60\ndatabase_uri = %s\n' "$logins" > "$MLFLOW_AUTH_CONFIG_PATH"

port="${MLFLOW_PORT:?}"
exec mlflow server --app-name basic-auth --backend-store-uri "$runs" --artifacts-destination "s3://${MLFLOW_BUCKET:?}" \
  --host "${MLFLOW_LISTEN:?}" --port "$port" --workers 1 --allowed-hosts "127.0.0.1:$port,localhost:$port,mlflow:$port"
