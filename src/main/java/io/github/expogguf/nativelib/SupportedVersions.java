package io.github.expogguf.nativelib;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The versions of llama.cpp that expo-gguf was tested with, the pinned one first, from {@code versions.txt} beside this
 * class. {@code make pin} writes that file, with what a C compiler says of each version's headers; see
 * native/describe.sh. Its lines are:
 *
 * <pre>
 * version LLAMA_CPP GGML COMMIT
 * changed TYPE...                     types that are quantized to other bytes than by the version below
 * type NUMBER NAME ELEMENTS BYTES (quantized | plain)    of a block; numbers that are missing were removed
 * types COUNT
 * struct NAME BYTES FIELD=OFFSET...
 * </pre>
 */
final class SupportedVersions {

    private static final List<LlamaVersion> ALL = read();

    private SupportedVersions() {}

    /** The newest first. */
    static List<LlamaVersion> all() {
        return ALL;
    }

    /** The one that the bindings and the rules of the types were taken from. */
    static LlamaVersion pinned() {
        return ALL.getFirst();
    }

    private static List<LlamaVersion> read() {
        try (InputStream in = SupportedVersions.class.getResourceAsStream("versions.txt")) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<LlamaVersion> parse(List<String> lines) {
        List<LlamaVersion> versions = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("version ")) {
                int end = i + 1;
                while (end < lines.size() && !lines.get(end).startsWith("version ")) {
                    end++;
                }
                String[] words = lines.get(i).split(" ");
                versions.add(new LlamaVersion(words[1], words[2], words[3], lines.subList(i + 1, end)));
            }
        }
        return List.copyOf(versions);
    }
}
