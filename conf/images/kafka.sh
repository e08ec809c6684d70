#!/usr/bin/env bash
# Kafka in a container: where it listens and keeps its data, its storage formatted once, then the broker itself.
# Two listeners, because a client goes on to the address that Kafka tells it: neighbours are told this container's name,
# programs on the machine 127.0.0.1. Needs KAFKA_PORT and INSIDE_PORT; says which one is missing.
set -euo pipefail

data="$LAKE_HOME/state/kafka"
file=/tmp/kafka.properties
run=(java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true
  -Dlog4j2.configurationFile=/app/conf/kafka-log4j2.properties -cp '/opt/kafka/*')

cat /app/conf/kafka.properties - > "$file" <<END
controller.quorum.voters=1@127.0.0.1:29093
listeners=INSIDE://:${INSIDE_PORT:?},MACHINE://:${KAFKA_PORT:?},CONTROLLER://127.0.0.1:29093
advertised.listeners=INSIDE://kafka:$INSIDE_PORT,MACHINE://127.0.0.1:$KAFKA_PORT
inter.broker.listener.name=INSIDE
listener.security.protocol.map=INSIDE:PLAINTEXT,MACHINE:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$data
END

if [ ! -e "$data/meta.properties" ]; then
  mkdir -p "$data"
  cluster="$("${run[@]}" kafka.tools.StorageTool random-uuid)"
  "${run[@]}" kafka.tools.StorageTool format --ignore-formatted --cluster-id "$cluster" --config "$file"
fi
exec "${run[@]}" kafka.Kafka "$file"
