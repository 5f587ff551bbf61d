/**
 * What the library throws. Imports nothing, so that every package may throw it.
 *
 * <p>For all of the library: a null that is not asked for is a {@link NullPointerException}, at the latest when it is
 * used; a wrong argument an {@link IllegalArgumentException}; a closed object, or one in use by another call, an {@link
 * IllegalStateException}, or an {@link java.io.IOException} where it is a file; memory of a closed arena an {@link
 * IllegalStateException}, of another thread a {@link WrongThreadException}. Nothing of that ends the JVM, and neither
 * does an {@link OutOfMemoryError}.
 */
@NullMarked
package io.github.expogguf;

import org.jspecify.annotations.NullMarked;
