/** The delta of a pair as a LoRA adapter: low-rank factors of every matrix. */
@NullMarked
package io.github.expogguf.run.lora;

import org.jspecify.annotations.NullMarked;
