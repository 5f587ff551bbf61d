/** The command that searches alpha: its run, its reports and its page. */
@NullMarked
package io.github.expogguf.cli.search;

import org.jspecify.annotations.NullMarked;
