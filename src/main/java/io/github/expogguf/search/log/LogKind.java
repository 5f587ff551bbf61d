package io.github.expogguf.search.log;

import io.github.expogguf.text.json.JsonNumber;
import io.github.expogguf.text.json.JsonText;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a log is of, as its first line says.
 *
 * @param key     name of the field with the version
 * @param version of the lines
 * @param noun    what it is the log of, for messages
 */
public record LogKind(String key, int version, String noun) {

    String header(Map<String, String> inputs) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put(key, version);
        header.put("inputs", inputs);
        return JsonText.compact(header);
    }

    /** @throws IllegalArgumentException if it is not the first line of such a log */
    Map<String, String> inputs(String header) {
        Map<?, ?> object = LogJson.line(header);
        if (!(object.get(key) instanceof JsonNumber(String found)) || !found.equals(Integer.toString(version))) {
            throw new IllegalArgumentException("no '" + key + "' of version " + version);
        }
        Map<String, String> inputs = new LinkedHashMap<>();
        LogJson.object(object.get("inputs")).forEach((name, value) -> inputs.put((String) name, LogJson.string(value)));
        return inputs;
    }
}
