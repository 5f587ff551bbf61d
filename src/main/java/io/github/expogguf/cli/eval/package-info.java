/** The commands that send prompts: scores, answers, and the prompt itself. */
@NullMarked
package io.github.expogguf.cli.eval;

import org.jspecify.annotations.NullMarked;
