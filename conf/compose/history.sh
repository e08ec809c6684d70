#!/usr/bin/env bash
# Spark's history server, on the folder in which the query and trainings write their event logs.
set -euo pipefail

mkdir -p "${SPARK_EVENTS:?}"
# Spark reads the quotes: the path may hold a space.
SPARK_HISTORY_OPTS="\"-Dspark.history.fs.logDirectory=file:$SPARK_EVENTS\" -Dspark.history.ui.port=${SPARK_HISTORY_PORT:?}"
export SPARK_HISTORY_OPTS SPARK_DAEMON_MEMORY=512m
exec spark-class org.apache.spark.deploy.history.HistoryServer
