#!/bin/sh
# Fetches what pinned.txt names: fetch/Fetch.java, which says what can be asked for, on a Java that can run it.
set -eu
cd "$(dirname "$0")"
name=fetch.sh
. ./common.sh
fetching Fetch "$@"
