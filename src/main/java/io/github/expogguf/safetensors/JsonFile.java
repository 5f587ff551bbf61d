package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.text.json.JsonException;
import io.github.expogguf.text.json.JsonReader;
import io.github.expogguf.thread.InputFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The JSON beside the weights, as Python writes it. */
public final class JsonFile {

    /** What to do about a file that is none. */
    static final String WAY_OUT = "; download it again";

    private JsonFile() {}

    /** From a text to what it says. */
    @FunctionalInterface
    private interface Parser {
        @Nullable
        Object parse(String text) throws JsonException;
    }

    /** The object that the file is. */
    public static Map<String, @Nullable Object> read(Path path) throws IOException {
        return read(path, size -> SafetensorsReader.checkLimit(path, "a text", size), JsonReader::readPython);
    }

    /**
     * The object that a large file is, with some of its members.
     *
     * @see JsonReader#readSome
     */
    static Map<String, @Nullable Object> readSome(Path path, List<Set<String>> wanted) throws IOException {
        return read(path, size -> checkTextLimit(path, size), text -> JsonReader.readSome(text, wanted));
    }

    private static void checkTextLimit(Path path, long size) {
        if (size > GgufLimits.maxTextBytes()) {
            throw problem(
                    path,
                    "a text of " + size + " bytes, expected at most " + GgufLimits.maxTextBytes() + "; "
                            + GgufLimits.wayOutOfBytes(GgufLimits.TEXT_PROPERTY, size));
        }
    }

    private static Map<String, @Nullable Object> read(Path path, LongConsumer limit, Parser parser) throws IOException {
        try (InputFile file = SafetensorsReader.open(path, WAY_OUT)) {
            long size = file.size();
            limit.accept(size);
            byte[] bytes = new byte[Math.toIntExact(size)];
            file.read(MemorySegment.ofArray(bytes), 0, "text");
            return object(path, bytes, parser);
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
    }

    private static Map<String, @Nullable Object> object(Path path, byte[] bytes, Parser parser) {
        FileStart.known(bytes, "JSON" + WAY_OUT).ifPresent(what -> {
            throw problem(path, what);
        });
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        try {
            if (parser.parse(Utf8.decode(path, 0, bytes, WAY_OUT)) instanceof Map<?, ?> map) {
                map.forEach((key, value) -> object.put((String) key, value));
                return object;
            }
        } catch (JsonException malformed) {
            throw problem(path, "not JSON: " + malformed.getMessage() + WAY_OUT);
        }
        throw problem(path, "not a JSON object" + WAY_OUT);
    }

    private static SafetensorsFormatException problem(Path path, String text) {
        return new SafetensorsFormatException(path, -1, text);
    }
}
