#!/bin/sh
# Regenerates the Java bindings from the pinned llama.cpp headers and fails if the committed ones differ.
# Needs jextract (JEXTRACT or on the PATH); the headers are fetched by native/fetch.sh.
set -eu
cd "$(dirname "$0")"

jextract=${JEXTRACT:-jextract}
headers=${LLAMA_CPP_SOURCE:-../native/build/source}
command -v "$jextract" >/dev/null || { echo "generate.sh: no jextract: put it on the PATH or name it in JEXTRACT" >&2; exit 1; }
[ -f "$headers/include/llama.h" ] || { echo "generate.sh: no $headers/include/llama.h: run make native-headers" >&2; exit 1; }

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
grep '^--' includes.txt > "$fresh/symbols"
"$jextract" -I include -I "$headers/include" -I "$headers/ggml/include" \
    --target-package io.github.expogguf.bindings --header-class-name Llama \
    --output "$fresh/java" "@$fresh/symbols" expo.h 2>"$fresh/log" || { cat "$fresh/log" >&2; exit 1; }

# jextract declares every basic C type, and its constant for `long` cannot be initialised on Windows, where a C long has
# 32 bits. No binding uses it (see include/README.md), so it goes; the count below proves that nothing needed it.
find "$fresh/java" -name '*.java' -exec sed -i.bak '/ValueLayout.OfLong C_LONG = /d' {} +
find "$fresh/java" -name '*.bak' -delete
if grep -rnw C_LONG "$fresh/java"; then
    echo "generate.sh: a binding uses a C long, which differs between platforms" >&2
    exit 1
fi

if [ -d java ] && diff -r java "$fresh/java"; then
    echo "bindings: the committed files are what jextract generates"
    exit 0
fi
rm -rf java && cp -R "$fresh/java" java
echo "bindings: regenerated; the committed files differed" >&2
exit 1
