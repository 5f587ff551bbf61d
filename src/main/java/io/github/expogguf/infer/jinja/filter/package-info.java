/** Filters and tests. */
@NullMarked
package io.github.expogguf.infer.jinja.filter;

import org.jspecify.annotations.NullMarked;
