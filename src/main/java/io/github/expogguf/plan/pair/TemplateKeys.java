package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Whether the hyper-parameters of a template are those of the model that it is taken for. */
public final class TemplateKeys {

    private TemplateKeys() {}

    /**
     * What the template has, as in {@code 32} or {@code nothing, which means 1}, where llama.cpp computes something
     * else from it; by the key as it stands in files.
     *
     * @param wanted the template's metadata with the model's own values
     */
    public static Map<String, String> differences(ModelHeader template, Metadata wanted) {
        ModelHeader model = new ModelHeader(template.name(), wanted, template.tensors());
        Map<String, String> differences = new LinkedHashMap<>();
        HyperParameterPairing.differences(model, template, Set.of()).stream()
                .filter(KeyDifference::matters)
                .forEach(each -> differences.put(each.key(), each.aligned().toString()));
        return differences;
    }
}
