/** How an output was made, as metadata: written with it, and read back to verify or repeat it. */
@NullMarked
package io.github.expogguf.plan.recipe;

import org.jspecify.annotations.NullMarked;
