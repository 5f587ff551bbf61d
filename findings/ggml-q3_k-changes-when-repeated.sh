#!/usr/bin/env bash
# Versions: ggml 0.25.1 (llama.cpp v0.5.0), libggml-base.so of npm @node-llama-cpp/linux-x64@3.22.1; Linux, x86-64.
#
# Quantizing what Q3_K has dequantized into Q3_K once more gives other bytes in half of the blocks and other values
# for a seventh of the weights; a third time changes nearly nothing. So a tensor of Q3_K that a program "rewrites" without
# changing it is another tensor. Q4_K in the same place changes less than 1 % of the weights.
#
# Input: 16 rows of 4,096 values, bell-shaped about 0; no importance matrix.
# Output seen (second and third time):
#   q3_K: 50 % of the blocks, 14.2 % of the weights; 1 % of the blocks, 0.0 % of the weights
#   q4_K: 0 % of the blocks, 0.0 % of the weights; 0 % of the blocks, 0.0 % of the weights
# Exits 1 if other shares of the weights change. Needs npm, gcc.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @node-llama-cpp/linux-x64@3.22.1
lib=$work/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64
cat > repeat.c <<'END'
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
    int types[] = {11, 12}, changed = 0;
    for (int t = 0; t < 2; t++) {
        const struct traits *type = ggml_get_type_traits(types[t]);
        for (int i = 0; i < COUNT; i++) first[i] = 0.04 * (uniform() + uniform() + uniform() + uniform() - 2);
        ggml_quantize_chunk(types[t], first, packed, 0, ROWS, COLUMNS, NULL);
        type->to_float(packed, first, COUNT);
        printf("%s:", type->name);
        for (int round = 0; round < 2; round++) {
            size_t bytes = ggml_quantize_chunk(types[t], first, again, 0, ROWS, COLUMNS, NULL);
            type->to_float(again, second, COUNT);
            int blocks = 0, weights = 0;
            for (size_t at = 0; at < bytes; at += type->bytes) blocks += memcmp(packed + at, again + at, type->bytes) != 0;
            for (int i = 0; i < COUNT; i++) weights += first[i] != second[i];
            double share = 100.0 * weights / COUNT;
            printf("%s %.0f %% of the blocks, %.1f %% of the weights", round ? ";" : "",
                   100.0 * blocks * type->block / COUNT, share);
            double least = t == 0 && round == 0 ? 10 : 0, most = t == 0 && round == 0 ? 20 : 1;
            changed |= share < least || share > most;
            memcpy(first, second, sizeof first);
            memcpy(packed, again, bytes);
        }
        printf("\n");
    }
    return changed;
}
END
gcc -O1 repeat.c -o repeat -L"$lib" -l:libggml-base.so -Wl,-rpath,"$lib"
./repeat || { echo "changed: see the output above"; exit 1; }
