/** The command: options in, exit code out, no arithmetic. */
package io.github.expogguf.cli;
