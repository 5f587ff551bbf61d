/** How long a run will take, from what its parts took one core on a named processor. */
@NullMarked
package io.github.expogguf.cli.estimate;

import org.jspecify.annotations.NullMarked;
