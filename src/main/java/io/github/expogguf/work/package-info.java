/** How work is done: its threads, who hears of it and who stops it, and what becomes of the files that it writes. */
@NullMarked
package io.github.expogguf.work;

import org.jspecify.annotations.NullMarked;
