/** The front door: the shortest way through the other rooms, which offer all of it and more. */
@NullMarked
package io.github.expogguf.start;

import org.jspecify.annotations.NullMarked;
