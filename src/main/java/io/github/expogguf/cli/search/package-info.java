/** The command that searches alpha: its run, its log to go on from, its reports and pages. */
@NullMarked
package io.github.expogguf.cli.search;

import org.jspecify.annotations.NullMarked;
