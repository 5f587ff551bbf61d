#!/usr/bin/env bash
# Versions: ggml 0.25.1 (llama.cpp v0.5.0), libggml-base.so of npm @node-llama-cpp/linux-x64@3.22.1; Linux, x86-64.
#
# Values that were dequantized from IQ3_S, IQ3_XXS or IQ2_S and are quantized into the same type again do not stay
# what they are: every weight grows, by the same factor each time, for ever. Q8_0 and Q4_0 give their values back.
#
# Input: 16 rows of 4,096 values, bell-shaped about 0; no importance matrix. The factor is that of least squares.
# Output seen:
#   q8_0: 1.000 1.000 1.000 1.000
#   q4_0: 1.000 1.000 1.000 1.000
#   iq3_s: 1.033 1.033 1.033 1.033
#   iq3_xxs: 1.020 1.020 1.020 1.020
#   iq2_s: 1.050 1.050 1.050 1.051
# Exits 1 if a factor is off by more than 0.005. Needs npm, gcc.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @node-llama-cpp/linux-x64@3.22.1
lib=$work/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64
cat > grow.c <<'END'
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
struct traits { const char *name; int64_t block, interleave; size_t bytes; bool quantized;
                void (*to_float)(const void *, float *, int64_t); };
const struct traits *ggml_get_type_traits(int type);
size_t ggml_quantize_chunk(int type, const float *from, void *to, int64_t start, int64_t rows, int64_t columns,
                           const float *weights);
enum { ROWS = 16, COLUMNS = 4096, COUNT = ROWS * COLUMNS };
static float first[COUNT], second[COUNT];
static char packed[4 * COUNT], again[4 * COUNT];
static uint64_t state = 1;
static double uniform(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 11) / 9007199254740992.0;
}
int main(void) {
    struct { int type; double factor; } expected[] = {{8, 1}, {2, 1}, {21, 1.033}, {18, 1.02}, {22, 1.05}};
    int changed = 0;
    for (int t = 0; t < 5; t++) {
        const struct traits *type = ggml_get_type_traits(expected[t].type);
        for (int i = 0; i < COUNT; i++) first[i] = 0.04 * (uniform() + uniform() + uniform() + uniform() - 2);
        printf("%s:", type->name);
        for (int round = 0; round < 5; round++) {
            ggml_quantize_chunk(expected[t].type, first, packed, 0, ROWS, COLUMNS, NULL);
            type->to_float(packed, second, COUNT);
            double product = 0, square = 0;
            for (int i = 0; i < COUNT; i++) product += (double) first[i] * second[i], square += (double) first[i] * first[i];
            double factor = product / square;
            if (round > 0) {
                printf(" %.3f", factor);
                changed |= factor < expected[t].factor - 0.005 || factor > expected[t].factor + 0.005;
            }
            memcpy(first, second, sizeof first);
        }
        printf("\n");
    }
    return changed;
}
END
gcc -O1 grow.c -o grow -L"$lib" -l:libggml-base.so -Wl,-rpath,"$lib"
./grow || { echo "changed: see the output above"; exit 1; }
