package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.text.json.JsonException;
import io.github.expogguf.text.json.JsonReader;
import io.github.expogguf.thread.InputFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON beside the weights, as Python writes it. */
public final class JsonFile {

    private JsonFile() {}

    /** The object that the file is. */
    public static Map<String, @Nullable Object> read(Path path) throws IOException {
        try (InputFile file = SafetensorsReader.open(path)) {
            long size = file.size();
            SafetensorsReader.checkLimit(path, "a text", size);
            byte[] bytes = new byte[Math.toIntExact(size)];
            file.read(MemorySegment.ofArray(bytes), 0, "text");
            return object(path, bytes);
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
    }

    private static Map<String, @Nullable Object> object(Path path, byte[] bytes) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        try {
            if (JsonReader.readPython(Utf8.decode(path, 0, bytes)) instanceof Map<?, ?> map) {
                map.forEach((key, value) -> object.put((String) key, value));
                return object;
            }
        } catch (JsonException malformed) {
            throw FileStart.problem(path, bytes, "not JSON: " + malformed.getMessage());
        }
        throw problem(path, "not a JSON object");
    }

    private static SafetensorsFormatException problem(Path path, String text) {
        return new SafetensorsFormatException(path, -1, text);
    }
}
