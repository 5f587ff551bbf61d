package io.github.expogguf.fuzz;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.testing.TinyPair;
import java.nio.file.Path;

/** A stranger's LoRA adapter for a small model: the output verifies, or there is none. */
public final class AdapterFuzz {

    private static final TinyPair MODELS = FuzzedOutput.MODELS;

    private AdapterFuzz() {}

    /** Any bytes as an adapter. */
    public static void fuzzerTestOneInput(byte[] data) {
        Path adapter = Scratch.write("adapter.gguf", data);
        FuzzedOutput.clear();
        Ran run = Promises.check(
                Ran.run(
                        "extrapolate",
                        "-q",
                        "-t",
                        1,
                        "--sft",
                        MODELS.sft(),
                        "--adapter",
                        adapter,
                        "--type",
                        "Q8_0",
                        "-o",
                        FuzzedOutput.path(".gguf")),
                ExitCode.OK,
                ExitCode.BAD_INPUT,
                ExitCode.MISMATCH);
        FuzzedOutput.check(run, "--sft", MODELS.sft(), "--adapter", adapter);
    }
}
