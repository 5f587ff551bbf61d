/** From text to a tree: tokens, expressions, nodes. */
@NullMarked
package io.github.expogguf.infer.jinja.syntax;

import org.jspecify.annotations.NullMarked;
