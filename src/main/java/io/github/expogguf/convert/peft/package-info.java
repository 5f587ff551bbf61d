/** LoRA adapters as PEFT saves them, seen as the GGUF adapters of their base. */
@NullMarked
package io.github.expogguf.convert.peft;

import org.jspecify.annotations.NullMarked;
