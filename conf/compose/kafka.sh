#!/usr/bin/env bash
# Kafka: where it listens and keeps its data, its storage formatted once, then the broker itself. A client goes on to the
# address that Kafka tells it. On a machine that is 127.0.0.1 for everybody; a container tells its neighbours its own name, and
# has a second door, KAFKA_MACHINE_PORT, for programs on the machine.
set -euo pipefail

folder="${KAFKA_DATA:?}"
file="$folder.properties"
# Kafka's data are small here: a simple collector and one compiler start fastest.
run=(java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true
  -Dlog4j2.configurationFile="$PWD/conf/compose/kafka-log4j2.properties" -cp '.lake/tools/jars/kafka/*')

port="${KAFKA_PORT:?}" controller="127.0.0.1:${KAFKA_CONTROLLER_PORT:?}"
if [ -n "${KAFKA_MACHINE_PORT:-}" ]; then
  if [ "$KAFKA_PORT" = "$KAFKA_MACHINE_PORT" ] || [ "$KAFKA_CONTROLLER_PORT" = "$KAFKA_MACHINE_PORT" ]; then
    echo "KAFKA_PORT=$KAFKA_PORT, KAFKA_CONTROLLER_PORT=$KAFKA_CONTROLLER_PORT: the container needs $KAFKA_MACHINE_PORT for itself. Choose another." >&2
    exit 1
  fi
  listeners="INSIDE://:$port,MACHINE://:$KAFKA_MACHINE_PORT"
  advertised="INSIDE://kafka:$port,MACHINE://127.0.0.1:$port"
else
  listeners="INSIDE://127.0.0.1:$port"
  advertised="$listeners"
fi

mkdir -p "$folder"
cat conf/compose/kafka.properties - > "$file" <<END
controller.quorum.voters=1@$controller
listeners=$listeners,CONTROLLER://$controller
advertised.listeners=$advertised
inter.broker.listener.name=INSIDE
listener.security.protocol.map=INSIDE:PLAINTEXT,MACHINE:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$folder
END

if [ ! -e "$folder/meta.properties" ]; then
  # The last line: Java options of your own may print more.
  cluster="$("${run[@]}" kafka.tools.StorageTool random-uuid | tail -n 1)"
  "${run[@]}" kafka.tools.StorageTool format --ignore-formatted --cluster-id "$cluster" --config "$file"
fi
exec "${run[@]}" kafka.Kafka "$file"
