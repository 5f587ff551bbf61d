/** What this machine offers, what some files are, and what to type next. */
@NullMarked
package io.github.expogguf.cli.doctor;

import org.jspecify.annotations.NullMarked;
