/** Members and operators of values: methods of texts, lists, dicts and numbers, and both ways of formatting. */
@NullMarked
package io.github.expogguf.infer.jinja.method;

import org.jspecify.annotations.NullMarked;
