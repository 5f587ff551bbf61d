#!/bin/sh
# What the launcher adds to a command, in milliseconds, the least of 10 runs each.
# Arguments: the java that a user starts, the home of the Java that computes, the jar.
set -eu
java=$1 java25=$2/bin/java jar=$3
missing=${TMPDIR:-/tmp}/no-such-file.gguf # a command that computes, and fails at once

least() {
    best=
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        start=$(date +%s%N)
        "$@" >/dev/null 2>&1 || true
        taken=$((($(date +%s%N) - start) / 1000000))
        [ -n "$best" ] && [ "$best" -le "$taken" ] || best=$taken
    done
    echo "$best"
}

line() {
    printf '%-62s %5d ms\n' "$1" "$2"
}

main='io.github.expogguf.cli.Main'
direct=$(least "$java25" --enable-native-access=ALL-UNNAMED -cp "$jar" $main version)
looking=$(least "$java25" -jar "$jar" version)
line "version, without the launcher" "$direct"
line "version, through the launcher (the same JVM)" "$looking"
line "version, started with $("$java" -version 2>&1 | head -n 1)" "$(least "$java" -jar "$jar" version)"
direct=$(least "$java25" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC \
    -cp "$jar" $main verify "$missing")
computing=$(least "$java25" -jar "$jar" verify "$missing")
line "verify a missing file, without the launcher" "$direct"
line "verify a missing file, through the launcher (a second JVM)" "$computing"
line "so the launcher adds to a command that computes" $((computing - direct))
