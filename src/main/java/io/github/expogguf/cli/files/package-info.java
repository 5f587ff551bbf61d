/** What a file or a folder is, whatever its name says, and what to do with one of the wrong kind. */
@NullMarked
package io.github.expogguf.cli.files;

import org.jspecify.annotations.NullMarked;
