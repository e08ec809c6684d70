# Read by every start of Spark, also by a bare `spark-submit` in a fresh shell: set-up links it into pyspark's own folder conf.
# It says which Java, which Python and which jars; what can be tuned is in spark-defaults.conf.
root="$(cd -P "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"

# The Java that set-up decided on: the one that PATH or JAVA_HOME names may be too old.
if [ -x "$root/.lake/tools/java/bin/java" ]; then
  export JAVA_HOME="$root/.lake/tools/java"
fi

# Without it executors start python3 from PATH, which lacks pyarrow.
export PYSPARK_PYTHON="${PYSPARK_PYTHON:-$root/.venv/bin/python}"

# Which master, unless --master says it: SPARK_MASTER of the environment, else of the settings.
source "$root/conf/settings/spark.env"
export MASTER="$SPARK_MASTER"

# The Spark UI and the driver listen here and nowhere else.
export SPARK_LOCAL_IP="${SPARK_LOCAL_IP:-127.0.0.1}"

# Java's client of MinIO takes a proxy from the environment as well, and under `spark-submit` it starts before Python reads the settings
# and adds their hosts (conf/machine.py).
export NO_PROXY="${NO_PROXY:+$NO_PROXY,}${no_proxy:+$no_proxy,}127.0.0.1,${MINIO_HOST:-127.0.0.1}"
export no_proxy="$NO_PROXY"

# The pinned jars of conf/tools/jars.lock: no --packages, no network at start.
export SPARK_DIST_CLASSPATH="$root/.lake/tools/jars/spark/*"
