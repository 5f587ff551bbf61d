/** The metadata of an output: the aligned model's, the recipe, checksums, and how much of alpha arrived. */
@NullMarked
package io.github.expogguf.plan.metadata;

import org.jspecify.annotations.NullMarked;
