package io.github.expogguf.cli.terminal;

import io.github.expogguf.work.Cancellation;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process with a temporary file, which it deletes some time after it is cancelled, as a run does. */
final class InterruptionProbe {

    private InterruptionProbe() {}

    public static void main(String[] args) throws Exception {
        Path temporary = Path.of(args[0]);
        try (Console console = new Console(System.out, System.err)) {
            Cancellation cancellation = console.cancellation();
            Files.createFile(temporary);
            while (!cancellation.isCancelled()) {
                Thread.sleep(5);
            }
            Thread.sleep(200);
            Files.delete(temporary);
        }
    }
}
