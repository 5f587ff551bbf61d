package io.github.expogguf.plan.budget;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.plan.options.TensorTypeRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Types of single tensors as rules, {@code --tensor-type REGEX=TYPE}, that llama-quantize reads as well: one for every
 * kind of tensor and type, which lists the layers.
 */
public final class MixtureRules {

    /** Layers of one rule; llama-quantize matches with a machine that calls itself for every alternative. */
    private static final int MAX_LAYERS = 100;

    private MixtureRules() {}

    private record Kind(String before, String after, GgmlType type) {}

    /**
     * The rules.
     *
     * @param types of tensors, by name
     * @return rules each of which decides about just these tensors, in any order
     */
    public static List<TensorTypeRule> of(Map<String, GgmlType> types) {
        Map<Kind, List<String>> layers = new LinkedHashMap<>();
        types.forEach((name, type) -> {
            Optional<TensorNames.InBlock> parts = TensorNames.inBlock(name);
            Kind kind = parts.map(in -> new Kind(in.part() + "blk.", "." + in.kind(), type))
                    .orElseGet(() -> new Kind(name, "", type));
            layers.computeIfAbsent(kind, _ -> new ArrayList<>())
                    .add(parts.map(in -> Integer.toString(in.number())).orElse(""));
        });
        List<TensorTypeRule> rules = new ArrayList<>();
        layers.forEach((kind, numbers) -> {
            for (int from = 0; from < numbers.size(); from += MAX_LAYERS) {
                List<String> some = numbers.subList(from, Math.min(from + MAX_LAYERS, numbers.size()));
                rules.add(TensorTypeRule.parse(
                        "^" + escape(kind.before) + alternatives(some) + escape(kind.after) + "$=" + kind.type));
            }
        });
        return rules;
    }

    private static String alternatives(List<String> numbers) {
        return numbers.size() == 1 ? numbers.getFirst() : numbers.stream().collect(Collectors.joining("|", "(", ")"));
    }

    private static String escape(String name) {
        return name.replaceAll("[^A-Za-z0-9_-]", "\\\\$0");
    }
}
