#!/bin/sh
# Installs packages of the distribution and leaves nothing else behind in the image.
set -eu
apt-get update -q
apt-get install -y -q --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/* /var/cache/apt/*
