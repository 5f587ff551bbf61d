package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.fuzz.Bounds;
import io.github.expogguf.fuzz.Scratch;
import java.io.IOException;
import java.nio.file.Path;

/** Files of prompts and preferences are read, or refused with file and line. */
public final class JsonLinesFuzz {

    private JsonLinesFuzz() {}

    /** Any bytes as a file. */
    public static void fuzzerTestOneInput(byte[] data) {
        Path path = Scratch.write("lines.jsonl", data);
        Bounds.check(() -> read(() -> PromptFile.read(path)));
        Bounds.check(() -> read(() -> PreferenceFile.read(path)));
    }

    private static void read(Bounds.Reading reading) throws IOException {
        try {
            reading.run();
        } catch (PromptException refusal) {
            if (!refusal.getMessage().startsWith("lines.jsonl:")) {
                throw new IllegalStateException("the file is not named", refusal);
            }
        }
    }
}
