/** The terminal and what is written to it: text, tables, progress, JSON, HTML, exit codes. */
@NullMarked
package io.github.expogguf.cli.terminal;

import org.jspecify.annotations.NullMarked;
