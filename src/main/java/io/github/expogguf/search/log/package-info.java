/**
 * Files that keep what was measured, a JSON object a line, below a line with the inputs. May depend on {@code text} and
 * the root.
 */
@NullMarked
package io.github.expogguf.search.log;

import org.jspecify.annotations.NullMarked;
