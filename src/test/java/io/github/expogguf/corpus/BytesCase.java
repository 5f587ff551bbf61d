package io.github.expogguf.corpus;

import io.github.expogguf.gguf.GgufBytes;
import java.io.IOException;
import java.nio.file.Path;

/** A single GGUF file that the reader refuses; the words are the whole message behind the file's name. */
public interface BytesCase extends BadInput {

    /** Name of the file, for messages. */
    String FILE = "m.gguf";

    /** The file. */
    GgufBytes bytes();

    @Override
    default Path write(Path directory) throws IOException {
        return bytes().write(directory.resolve(FILE));
    }
}
