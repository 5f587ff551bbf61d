package io.github.expogguf.cli;

import io.github.expogguf.fuzz.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The outputs of a fuzz target in its directory: every file whose name has {@value #NAME} in it. */
final class FuzzedOutput {

    static final String NAME = "output";

    private FuzzedOutput() {}

    /** Removes those that a failure left, which would be blamed on this input. */
    static void clear() {
        names().forEach(FuzzedOutput::delete);
    }

    /** What a run left verifies, given its inputs, and is removed; a run that failed left nothing. */
    static void check(Ran run, Object... inputs) {
        List<String> left = names();
        if (run.exitCode() != 0 && !left.isEmpty()) {
            throw new IllegalStateException("a failed run left " + left);
        }
        if (run.exitCode() == 0 && left.isEmpty()) {
            throw new IllegalStateException("there is no output");
        }
        for (String name : left) {
            Object[] words = new Object[4 + inputs.length];
            words[0] = "verify";
            words[1] = "-t";
            words[2] = 1;
            words[3] = Scratch.path(name);
            System.arraycopy(inputs, 0, words, 4, inputs.length);
            Promises.check(Ran.run(words), ExitCode.OK);
            delete(name);
        }
    }

    private static List<String> names() {
        return Scratch.names().stream().filter(name -> name.contains(NAME)).toList();
    }

    private static void delete(String name) {
        try {
            Files.deleteIfExists(Scratch.path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where one is to be written. */
    static Path path(String ending) {
        return Scratch.path(NAME + ending);
    }
}
