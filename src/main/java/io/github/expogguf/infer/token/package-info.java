/**
 * From text to tokens and back: a model's vocabulary, the tokens of a prompt, and answers that grow byte by byte and
 * end where they were told to.
 */
@NullMarked
package io.github.expogguf.infer.token;

import org.jspecify.annotations.NullMarked;
