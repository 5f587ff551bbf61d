/** What config.json says beside what the header of a GGUF says. */
@NullMarked
package io.github.expogguf.convert.config;

import org.jspecify.annotations.NullMarked;
