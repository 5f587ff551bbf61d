package io.github.expogguf.fuzz;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.testing.TinyPair;
import java.nio.file.Path;

/** A stranger's recipe, in YAML or in a model, for a small pair: the outputs verify, or there are none. */
public final class RecipeFuzz {

    private static final TinyPair MODELS = FuzzedOutput.MODELS;

    private RecipeFuzz() {}

    /** Any bytes as a recipe. */
    public static void fuzzerTestOneInput(byte[] data) {
        Path recipe = Scratch.write("recipe", data);
        Bounds.check(() -> plan(recipe));
        FuzzedOutput.clear();
        Ran run = use("extrapolate", recipe, "-t", 1, "-o", FuzzedOutput.path("-{alpha}-{type}.gguf"));
        FuzzedOutput.check(run, "--sft", MODELS.sft(), "--aligned", MODELS.aligned());
    }

    private static void plan(Path recipe) {
        use("plan", recipe);
    }

    private static Ran use(String command, Path recipe, Object... options) {
        Object[] words = new Object[8 + options.length];
        System.arraycopy(
                new Object[] {command, "-q", "--sft", MODELS.sft(), "--aligned", MODELS.aligned(), "--recipe", recipe},
                0,
                words,
                0,
                8);
        System.arraycopy(options, 0, words, 8, options.length);
        return Promises.check(
                Ran.run(words),
                ExitCode.OK,
                ExitCode.USAGE,
                ExitCode.BAD_INPUT,
                ExitCode.MISMATCH, // an importance matrix for other tensors
                ExitCode.IO, // an importance matrix that is not there
                ExitCode.VERIFICATION); // a recipe in a model that is incomplete
    }
}
