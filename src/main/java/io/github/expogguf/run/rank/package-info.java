/** Of the delta the part of low rank: factors of every matrix, for adapters and for a step of few directions. */
@NullMarked
package io.github.expogguf.run.rank;

import org.jspecify.annotations.NullMarked;
