package io.github.expogguf.cli;

import io.github.expogguf.text.Escape;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** {@code @FILE}: picocli puts the words of the file in its place, and shows its own stack where it cannot read it. */
final class ArgumentFiles {

    private ArgumentFiles() {}

    /** Refuses what is there and cannot be read. */
    static void check(CommandLine command, String[] args) {
        for (String word : args) {
            if (word.length() > 1 && word.startsWith("@") && !word.startsWith("@@") && !isReadable(word.substring(1))) {
                throw new ParameterException(
                        command,
                        Escape.quote(word) + ": @ before a name reads further words from that file, and "
                                + Escape.text(word.substring(1))
                                + " is no file that can be read; @@ begins a word with @");
            }
        }
    }

    private static boolean isReadable(String name) {
        try {
            Path file = Path.of(name);
            return !Files.exists(file) || (!Files.isDirectory(file) && Files.isReadable(file));
        } catch (InvalidPathException _) { // and so there is no such file
            return true;
        }
    }
}
