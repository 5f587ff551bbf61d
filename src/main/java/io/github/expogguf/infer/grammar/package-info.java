/** Grammars that answers follow: from text to rules, and from rules to what may come next. Pure. */
@NullMarked
package io.github.expogguf.infer.grammar;

import org.jspecify.annotations.NullMarked;
