/** Values that behave as Python's do, what is thrown over them, and what a template may cost. */
@NullMarked
package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.NullMarked;
