/** Types for tensors that make a file of a certain size: what each would cost and lose, measured, and the choice. */
@NullMarked
package io.github.expogguf.run.mixture;

import org.jspecify.annotations.NullMarked;
