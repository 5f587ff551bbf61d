package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.JsonWords;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The members of an object in a JSON file, held to the kinds that they should be of. What is null or not there is of
 * any kind.
 *
 * @param path   of the file
 * @param before what stands before a name in messages, where the object is in another one; else empty
 * @param values the members
 * @param wayOut what to do about one of another kind
 */
public record JsonMembers(Path path, String before, Map<?, ?> values, String wayOut) {

    /** Of one of some kinds. */
    public void require(String name, JsonKind... kinds) {
        Object value = values.get(name);
        if (value != null && Stream.of(kinds).noneMatch(kind -> kind.holds(value))) {
            throw wrong(name, value, words(kinds));
        }
    }

    /** An array of one kind, or, where that is said, such a value alone. */
    public void requireArray(String name, JsonKind kind, boolean mayBeAlone) {
        Object value = values.get(name);
        if (value instanceof List<?> array) {
            for (int i = 0; i < array.size(); i++) {
                requireElement(name + "[" + i + "]", array.get(i), kind);
            }
        } else if (value != null && !(mayBeAlone && kind.holds(value))) {
            throw wrong(name, value, mayBeAlone ? kind.words() + ", or an array of such" : "an array");
        }
    }

    /** An object whose values are of one kind. */
    public void requireObject(String name, JsonKind kind) {
        require(name, JsonKind.OBJECT);
        if (values.get(name) instanceof Map<?, ?> object) {
            object.forEach(
                    (key, value) -> requireElement(name + "[" + Escape.quote(String.valueOf(key)) + "]", value, kind));
        }
    }

    private void requireElement(String place, @Nullable Object value, JsonKind kind) {
        if (value == null || !kind.holds(value)) {
            throw wrong(place, value, kind.words());
        }
    }

    private static String words(JsonKind... kinds) {
        return Stream.of(kinds).map(JsonKind::words).collect(Collectors.joining(" or "));
    }

    /** That a value is not what it should be. */
    public SafetensorsFormatException wrong(String place, @Nullable Object value, String expected) {
        return new SafetensorsFormatException(
                path, -1, before + place + " is " + JsonWords.of(value) + ", expected " + expected + wayOut);
    }
}
