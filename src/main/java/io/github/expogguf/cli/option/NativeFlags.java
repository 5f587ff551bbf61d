package io.github.expogguf.cli.option;

import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.nativelib.NativeLibrary;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which llama.cpp does the computing. */
public final class NativeFlags {

    private static final String NAME = "--lib-path";

    @Option(
            names = NAME,
            paramLabel = "DIR",
            order = 50,
            description = "Directory of llama.cpp libraries to use instead of the bundled ones.")
    private @Nullable Path directory;

    /** Loads the libraries, so that a failure comes before any work. */
    public NativeLibrary load() {
        return NativeLibrary.load(NAME, directory);
    }

    /** Same, but does without where there are none to use and none are asked for: some work needs none. */
    public void loadIfAny(Console console) {
        if (NativeLibrary.loadIfAny(NAME, directory).isEmpty()) {
            NativeLibrary.denial().ifPresent(reason -> console.note("llama.cpp's libraries are not used: " + reason));
        }
    }
}
