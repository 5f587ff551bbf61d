#!/usr/bin/env bash
# Versions: ggml 0.25.1 (llama.cpp v0.5.0), libggml-base.so of npm @node-llama-cpp/linux-x64@3.22.1; Linux, x86-64.
#
# An importance of 0 says that the input of a column was 0 in all of the text of an imatrix, as behind a ReLU, or for an
# expert that saw few tokens. Where all columns that share a scale have it, the weights in these columns are written as
# zeros, whatever they are: in Q4_K for 256 columns, in Q6_K for 16, in Q4_0 for 32. Nothing is said. Q4_1 keeps them.
#
# Input: 16 rows of 1,024 values, bell-shaped about 0; importance 1, and 0 in the columns from 256 to below 512.
# Output seen:
#   q4_0: 4096 of 4096 weights of importance 0 are written as 0, of the others 1294 of 12288
#   q4_1: 0 of 4096 weights of importance 0 are written as 0, of the others 2 of 12288
#   q4_K: 4096 of 4096 weights of importance 0 are written as 0, of the others 0 of 12288
#   q6_K: 4096 of 4096 weights of importance 0 are written as 0, of the others 313 of 12288
# Exits 1 if other ones of the four lose them. Needs npm, gcc.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @node-llama-cpp/linux-x64@3.22.1
lib=$work/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64
cat > zeros.c <<'END'
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
struct traits { const char *name; int64_t block, interleave; size_t bytes; bool quantized;
                void (*to_float)(const void *, float *, int64_t); };
const struct traits *ggml_get_type_traits(int type);
size_t ggml_quantize_chunk(int type, const float *from, void *to, int64_t start, int64_t rows, int64_t columns,
                           const float *weights);
enum { ROWS = 16, COLUMNS = 1024, COUNT = ROWS * COLUMNS };
static float values[COUNT], back[COUNT], importance[COLUMNS];
static char packed[4 * COUNT];
static uint64_t state = 1;
static double uniform(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 11) / 9007199254740992.0;
}
int main(void) {
    int types[] = {2, 3, 12, 14}, lost[] = {1, 0, 1, 1}, changed = 0;
    for (int i = 0; i < COUNT; i++) values[i] = 0.04 * (uniform() + uniform() + uniform() + uniform() - 2);
    for (int i = 0; i < COLUMNS; i++) importance[i] = i < 256 || i >= 512;
    for (int t = 0; t < 4; t++) {
        const struct traits *type = ggml_get_type_traits(types[t]);
        ggml_quantize_chunk(types[t], values, packed, 0, ROWS, COLUMNS, importance);
        type->to_float(packed, back, COUNT);
        int zeros[2] = {0, 0}, all[2] = {0, 0};
        for (int i = 0; i < COUNT; i++) {
            int kind = importance[i % COLUMNS] == 0 ? 0 : 1;
            zeros[kind] += back[i] == 0;
            all[kind]++;
        }
        printf("%s: %d of %d weights of importance 0 are written as 0, of the others %d of %d\n", type->name, zeros[0],
               all[0], zeros[1], all[1]);
        changed |= (zeros[0] == all[0]) != lost[t];
    }
    return changed;
}
END
gcc -O1 zeros.c -o zeros -L"$lib" -l:libggml-base.so -Wl,-rpath,"$lib"
./zeros || { echo "changed: see the output above"; exit 1; }
