/** The command: options in, exit code out, no arithmetic. */
@NullMarked
package io.github.expogguf.cli;

import org.jspecify.annotations.NullMarked;
