/** Recipes in files: read, written again, and begun from. */
@NullMarked
package io.github.expogguf.cli.option.recipe;

import org.jspecify.annotations.NullMarked;
