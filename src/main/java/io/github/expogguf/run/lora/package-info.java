/** What is asked of a LoRA adapter made from a pair, and what is reported of it. */
@NullMarked
package io.github.expogguf.run.lora;

import org.jspecify.annotations.NullMarked;
