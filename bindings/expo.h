/* Umbrella header of the bindings: what jextract reads. Which symbols come through is in includes.txt. */
#include "ggml.h"
#include "ggml-backend.h"
#include "gguf.h"
#include "llama.h"
