/** Importance matrices: both formats of llama-imatrix, read into a weight for each column. No native code. */
@NullMarked
package io.github.expogguf.imatrix;

import org.jspecify.annotations.NullMarked;
