#!/bin/sh
# Installs packages of the distribution and leaves nothing else behind in the image.
set -eu
apt-get -o Acquire::Retries=5 update -q
apt-get -o Acquire::Retries=5 install -y -q --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/* /var/cache/apt/*
