/** Groups of options that commands share, and what they mean to the library. */
@NullMarked
package io.github.expogguf.cli.option;

import org.jspecify.annotations.NullMarked;
