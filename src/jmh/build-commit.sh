#!/usr/bin/env bash
# build-commit.sh COMMIT JAR: build the command as it was at a commit, in a copy of the repository that is removed again.
set -euo pipefail
commit=$1
jar=$2

[ -f "$jar" ] && exit 0
mkdir -p "$(dirname "$jar")"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git clone --quiet --no-checkout . "$copy"
git -C "$copy" checkout --quiet "$commit"
make --directory "$copy" --no-print-directory build >&2
cp "$copy/target/expo-gguf.jar" "$jar.part"
mv "$jar.part" "$jar"
