/** Words and numbers for people, and names from files made printable. Depends on nothing. */
@NullMarked
package io.github.expogguf.text;

import org.jspecify.annotations.NullMarked;
