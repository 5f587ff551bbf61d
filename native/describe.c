/* Prints ggml's table of types and, with what describe.sh adds, the structures of the bindings. */
#include "ggml.h"
#include "gguf.h"
#include "llama.h"
#include <stddef.h>
#include <stdio.h>

static void print_structs(void);

static void print_types(void) {
    printf("types %d\n", GGML_TYPE_COUNT);
    for (int id = 0; id < GGML_TYPE_COUNT; id++) {
        const struct ggml_type_traits * traits = ggml_get_type_traits((enum ggml_type) id);
        if (traits->blck_size != 0) {
            printf("type %d %s %lld %zu %s\n", id, traits->type_name, (long long) traits->blck_size, traits->type_size,
                traits->is_quantized ? "quantized" : "plain");
        }
    }
}

int main(void) {
    print_types();
    print_structs();
    return 0;
}

