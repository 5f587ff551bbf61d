/** JSON, read strictly and written on one line. */
@NullMarked
package io.github.expogguf.text.json;

import org.jspecify.annotations.NullMarked;
