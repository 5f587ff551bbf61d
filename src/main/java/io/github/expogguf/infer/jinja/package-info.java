/**
 * The part of the Jinja template language in which most chat templates are written: output, {@code if}, {@code for},
 * {@code set}, {@code namespace}, and plain expressions. What a template does not use cannot be called: there is no
 * access to objects, files or code. Uses the JDK only.
 */
package io.github.expogguf.infer.jinja;
