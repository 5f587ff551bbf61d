package io.github.expogguf.convert.config;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.text.json.JsonNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tokens that begin and end a text, of which config.json says something, and a GGUF of the model perhaps else. */
public final class ConfigTokens {

    private static final List<String> KEYS = List.of("bos_token_id", "eos_token_id");

    private ConfigTokens() {}

    /** What the two have different values of, as in {@code eos_token_id is 5, and 2 in the template}. */
    public static List<String> others(Metadata template, Map<String, @Nullable Object> config) {
        Map<String, @Nullable Object> flat = FlatConfig.of(config);
        List<String> others = new ArrayList<>();
        for (String key : KEYS) {
            List<String> said = ids(flat.get(key));
            OptionalLong id = template.integer("tokenizer.ggml." + key);
            if (!said.isEmpty() && id.isPresent() && !said.contains(String.valueOf(id.getAsLong()))) {
                others.add(key + " is " + String.join(" or ", said) + ", and " + id.getAsLong() + " in the template");
            }
        }
        return others;
    }

    /** One, or several, any of which ends an answer. */
    private static List<String> ids(@Nullable Object value) {
        Stream<?> values = value instanceof List<?> several ? several.stream() : Stream.ofNullable(value);
        return values.filter(JsonNumber.class::isInstance)
                .map(id -> ((JsonNumber) id).text())
                .filter(id -> id.matches("[0-9]{1,9}"))
                .collect(Collectors.toList());
    }
}
