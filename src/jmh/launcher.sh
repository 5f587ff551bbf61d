#!/bin/sh
# What the launcher adds to a command, in milliseconds: means of 20 runs in turn, with their standard errors.
# Arguments: the java that a user starts, the home of the Java that computes, the jar.
set -eu
java=$1 java25=$2/bin/java jar=$3
missing=${TMPDIR:-/tmp}/no-such-file.gguf # a command that computes, and fails at once
main='io.github.expogguf.cli.Main'

milliseconds() {
    start=$(date +%s%N)
    "$@" >/dev/null 2>&1 || true
    echo $((($(date +%s%N) - start) / 1000000))
}

# Lines of numbers to means and standard errors, of the columns and of the last but one less the first of the last two.
summary() {
    awk -v titles="$1" '
        {
            for (i = 1; i <= NF; i++) { sum[i] += $i; squares[i] += $i * $i }
            added = $NF - $(NF - 1)
            sum[NF + 1] += added; squares[NF + 1] += added * added; columns = NF + 1
        }
        END {
            split(titles, title, "|")
            for (i = 1; i <= columns; i++) {
                mean = sum[i] / NR
                printf "%-62s %5.0f ± %.0f ms\n", title[i], mean, sqrt((squares[i] / NR - mean * mean) / (NR - 1))
            }
        }'
}

rounds() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$@"
    done
}

looking() {
    echo "$(milliseconds "$java" -jar "$jar" version)" \
        "$(milliseconds "$java25" --enable-native-access=ALL-UNNAMED -cp "$jar" $main version)" \
        "$(milliseconds "$java25" -jar "$jar" version)"
}

computing() {
    echo "$(milliseconds "$java25" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
        -XX:+UseSerialGC -cp "$jar" $main verify "$missing")" \
        "$(milliseconds "$java25" -jar "$jar" verify "$missing")"
}

old=$("$java" -version 2>&1 | head -n 1)
rounds looking | summary "version, started with $old|version, without the launcher\
|version, through the launcher (the same JVM)|so the launcher adds to a command that looks"
rounds computing | summary "verify a missing file, without the launcher\
|verify a missing file, through the launcher (a second JVM)|so the launcher adds to a command that computes"
