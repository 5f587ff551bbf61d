package io.github.expogguf.cli.option.value;

import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.RecipeKeys;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Why an alpha was chosen, as metadata of the written model: values under the keys of the recipe. */
public final class EvidenceValues {

    private final Map<String, MetadataValue> values = new LinkedHashMap<>();

    public void put(String name, MetadataValue value) {
        values.put(RecipeKeys.EVIDENCE + name, value);
    }

    public void put(String name, String text) {
        put(name, MetadataValue.ofString(text));
    }

    /** Of which repository a model is. */
    public void putRepository(String role, String repository) {
        values.put(RecipeKeys.REPOSITORY + role, MetadataValue.ofString(repository));
    }

    public void count(String name, long count) {
        put(name, MetadataValue.ofUint32(count));
    }

    public void put(String name, double value) {
        put(name, MetadataValue.ofFloat32((float) value));
    }

    /** A number of each. */
    public <T> void put(String name, List<T> each, ToDoubleFunction<T> value) {
        float[] numbers = new float[each.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) value.applyAsDouble(each.get(i));
        }
        put(name, MetadataValue.ofFloat32s(numbers));
    }

    /** The chat template that the models were asked with, where it is among the inputs; returns whether it was. */
    public boolean putTemplate(String input, String value) {
        if (!input.startsWith("chat-template")) {
            return false;
        }
        put(key(input), value);
        return true;
    }

    /** The name of an input as a key has it. */
    public static String key(String input) {
        return input.replace('-', '_');
    }

    public Map<String, MetadataValue> asMap() {
        return Collections.unmodifiableMap(values);
    }
}
