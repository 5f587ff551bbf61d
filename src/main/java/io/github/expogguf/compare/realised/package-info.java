/** How much of alpha arrives in the written weights: sums over what was to arrive and what did. */
@NullMarked
package io.github.expogguf.compare.realised;

import org.jspecify.annotations.NullMarked;
