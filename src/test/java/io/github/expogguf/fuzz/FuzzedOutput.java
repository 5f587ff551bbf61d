package io.github.expogguf.fuzz;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Good models for a fuzz target, and its outputs: every file of its directory whose name has {@value #NAME} in it. */
final class FuzzedOutput {

    static final String NAME = "output";

    /** A pair, under names that no target gives to what it makes of its input. */
    static final TinyPair MODELS = models();

    private FuzzedOutput() {}

    private static TinyPair models() {
        try {
            return new TinyPair(
                    TinyPair.model(Scratch.path("good-sft.gguf"), 0, Map.of()),
                    TinyPair.model(Scratch.path("good-aligned.gguf"), 0.01f, Map.of()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

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
