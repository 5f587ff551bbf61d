/** The command {@code listen}: a page on loopback, where answers at two alphas are compared blind. */
@NullMarked
package io.github.expogguf.cli.listen;

import org.jspecify.annotations.NullMarked;
