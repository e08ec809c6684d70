#!/usr/bin/env bash
# A program for Spark in a container of `docker compose run`. On a cluster the workers come back to the driver by its address: such a
# container has no name that they could look up.
set -euo pipefail

exec spark-submit --conf spark.driver.host="$(hostname -i)" "$@"
