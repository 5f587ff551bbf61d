#!/usr/bin/env bash
# Versions: ggml 0.23.0 (llama.cpp v0.4.0) and ggml 0.25.1 (llama.cpp v0.5.0), libggml-base.so of npm
# @node-llama-cpp/linux-x64@3.21.1 and @3.22.1; Linux, x86-64.
#
# The same values with the same importance become other bytes of IQ1_M in ggml 0.23.0 and in ggml 0.25.1, in about one
# block of 10,000, although neither release says so: a checksum of an IQ1_M file does not survive an update.
#
# Input: rows of 4,096 values, bell-shaped about 0, with importance between 0.5 and 1.5; of row 1138 a block differs.
# Output seen:
#   row 1137: 784c7d2a 784c7d2a same      (FNV-1a digests of the rows)
#   row 1138: aec64260 58e96025 differs
# Exits 1 if row 1137 differs or row 1138 does not. Needs npm, gcc.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > digest.c <<'END'
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
size_t ggml_quantize_chunk(int type, const float *from, void *to, int64_t start, int64_t rows, int64_t columns,
                           const float *weights);
enum { IQ1_M = 29, COLUMNS = 4096 };
static float values[COLUMNS], importance[COLUMNS];
static unsigned char packed[COLUMNS];
static uint64_t state;
static double uniform(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return ((state >> 11) + 0.5) / 9007199254740992.0;
}
int main(int count, char **arguments) {
    state = atoi(arguments[1]) + 1;
    for (int i = 0; i < COLUMNS; i++) {
        values[i] = 0.04 * (uniform() + uniform() + uniform() + uniform() - 2);
        importance[i] = 0.5 + uniform();
    }
    size_t bytes = ggml_quantize_chunk(IQ1_M, values, packed, 0, 1, COLUMNS, importance);
    uint32_t digest = 2166136261u;
    for (size_t i = 0; i < bytes; i++) digest = (digest ^ packed[i]) * 16777619u;
    printf("%08x", digest);
    return 0;
}
END
for version in 3.21.1 3.22.1; do
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$version" "@node-llama-cpp/linux-x64@$version"
    lib=$work/$version/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64
    gcc -O1 digest.c -o "digest-$version" -L"$lib" -l:libggml-base.so -Wl,-rpath,"$lib"
done
verdicts=
for row in 1137 1138; do
    old=$(./digest-3.21.1 $row)
    new=$(./digest-3.22.1 $row)
    [ "$old" = "$new" ] && verdict=same || verdict=differs
    echo "row $row: $old $new $verdict"
    verdicts="$verdicts $verdict"
done
[ "$verdicts" = " same differs" ] || { echo "changed: expected the first row the same, the second not"; exit 1; }
