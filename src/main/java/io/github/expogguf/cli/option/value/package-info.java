/** What options take, as values: alphas, counts, shares, models. */
@NullMarked
package io.github.expogguf.cli.option.value;

import org.jspecify.annotations.NullMarked;
