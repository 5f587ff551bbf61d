#!/bin/sh
# Fetches @huggingface/jinja from npm into build/huggingface-jinja: a second opinion for the tests of chat templates, not
# part of what is built. The package is checked against the sha512 that the registry records. What is there is left alone.
set -eu
cd "$(dirname "$0")"
name=fetch-jinja.sh
. ./common.sh

spec=@huggingface/jinja@0.5.11
integrity=sha512-YzEzwM5oQf4r0vs7ifWQ+yuVR1YkAHrjERQ+a8WRsStHHp4NRBg+NesjiFc+X2AFUpRvvrIeHDS1xFy9jY/IjQ==
target=build/huggingface-jinja

[ "$(cat "$target/origin.txt" 2>/dev/null)" != "$spec" ] || exit 0

mkdir -p build
scratch=$PWD/$(mktemp -d build/.fetch.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

fetching Unpack "$spec" "$integrity" "$scratch"
echo "$spec" >"$scratch/package/origin.txt"
rm -rf "$target"
mv "$scratch/package" "$target"
echo "$name: $target is $spec"
