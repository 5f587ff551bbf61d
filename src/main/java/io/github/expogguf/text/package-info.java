/** Words and numbers for people, names from files made printable, and digests. Depends on nothing. */
@NullMarked
package io.github.expogguf.text;

import org.jspecify.annotations.NullMarked;
