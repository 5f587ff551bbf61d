/** The delta of a pair as a LoRA adapter: low-rank factors of every matrix, and the file. */
@NullMarked
package io.github.expogguf.run.lora.export;

import org.jspecify.annotations.NullMarked;
