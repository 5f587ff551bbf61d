/** Prompts, messages, preferences and chat templates from files. */
@NullMarked
package io.github.expogguf.cli.prompt;

import org.jspecify.annotations.NullMarked;
