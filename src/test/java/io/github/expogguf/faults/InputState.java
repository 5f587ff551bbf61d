package io.github.expogguf.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;

/** What must not change of an input. */
record InputState(int hash, long bytes, FileTime modified) {

    /** Of both inputs of a case. */
    static List<InputState> of(Path directory) throws IOException {
        return List.of(ofFile(directory.resolve("sft.gguf")), ofFile(directory.resolve("aligned.gguf")));
    }

    private static InputState ofFile(Path file) throws IOException {
        return new InputState(
                Arrays.hashCode(Files.readAllBytes(file)), Files.size(file), Files.getLastModifiedTime(file));
    }
}
