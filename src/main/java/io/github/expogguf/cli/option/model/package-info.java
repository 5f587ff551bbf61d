/** Options that say of which models, by which rules and in which types the result is made. */
@NullMarked
package io.github.expogguf.cli.option.model;

import org.jspecify.annotations.NullMarked;
