/** How long work is done: threads, progress, cancellation, and what becomes of unfinished outputs. */
@NullMarked
package io.github.expogguf.work;

import org.jspecify.annotations.NullMarked;
