package io.github.expogguf.fuzz;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.cli.terminal.ExitCode;
import java.nio.file.Path;

/** Metadata and tensors are printed, however odd, in text and JSON; what cannot be read is refused. */
public final class InspectFuzz {

    private InspectFuzz() {}

    /** Any bytes as a file. */
    public static void fuzzerTestOneInput(byte[] data) {
        Path path = Scratch.write("inspect.gguf", data);
        Bounds.check(() -> {
            Ran text = inspect(path, "--full");
            Ran json = inspect(path, "--json");
            inspect(path, "--no-tensors");
            if (text.exitCode() != json.exitCode()) {
                throw new IllegalStateException("text ends with " + text.exitCode() + ", JSON with " + json.exitCode());
            }
        });
    }

    private static Ran inspect(Path path, String how) {
        return Promises.check(Ran.run("inspect", path, how), ExitCode.OK, ExitCode.BAD_INPUT);
    }
}
