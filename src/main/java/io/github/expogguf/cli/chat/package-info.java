/** The command that talks with a model while alpha changes. */
@NullMarked
package io.github.expogguf.cli.chat;

import org.jspecify.annotations.NullMarked;
