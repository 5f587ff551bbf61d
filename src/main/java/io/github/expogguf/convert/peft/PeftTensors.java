package io.github.expogguf.convert.peft;

import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tensors of a PEFT adapter, by the names that they have in the base model; without the base's own weights, which
 * PEFT stores beside the factors of an embedding.
 */
final class PeftTensors {

    private static final String PREFIX = "base_model.model.";
    private static final String WEIGHT = ".weight";
    private static final Pattern FACTOR =
            Pattern.compile("(?s)(.+)\\.lora_(embedding_)?([AB])(?:\\.default)?(?:\\.weight)?");
    private static final Pattern OTHER = Pattern.compile("(?s).*\\.(lora|token_adapter|trainable_tokens)_?[^.]*.*");
    private static final String MAGNITUDE = "lora_magnitude_vector";

    /**
     * Layers that store the inputs before the outputs, transformers' Conv1D. PEFT tells them by their class, and
     * overrules {@code fan_in_fan_out} where that says otherwise (0.21, {@code dispatch_default} in lora/layer.py).
     */
    private static final Pattern CONV1D = Pattern.compile("(?s)(.*\\.)?c_(attn|proj|fc|fc2)");

    private static final Set<String> WITH_CONV1D = Set.of("gpt2", "jais");

    private final boolean hasConv1d;
    private final PeftConfig config;
    private final List<String> problems;
    private final Map<String, PeftFactors> factors = new LinkedHashMap<>();
    private final Map<String, SafetensorsTensor> whole = new LinkedHashMap<>();

    /**
     * Sorts them.
     *
     * @param architecture of the base model
     * @param problems     takes what is wrong with single tensors
     */
    PeftTensors(Checkpoint checkpoint, PeftConfig config, String architecture, List<String> problems) {
        this.hasConv1d = WITH_CONV1D.contains(architecture);
        this.config = config;
        this.problems = problems;
        Map<String, Map<String, SafetensorsTensor>> halves = new LinkedHashMap<>();
        for (SafetensorsTensor tensor : checkpoint.tensors().values()) {
            String name = tensor.name().startsWith(PREFIX) ? tensor.name().substring(PREFIX.length()) : tensor.name();
            Matcher factor = FACTOR.matcher(name);
            if (!tensor.type().holdsWeights()) {
                problems.add("tensor " + Escape.quote(tensor.name()) + " is of type " + tensor.type());
            } else if (factor.matches()) {
                String half = (factor.group(2) == null ? "" : "embedding_") + factor.group(3);
                halves.computeIfAbsent(factor.group(1), _ -> new HashMap<>()).put(half, tensor);
            } else if (name.contains(MAGNITUDE)) {
                throw config.refuse(MAGNITUDE, "DoRA gives each row a length of its own, which no product has");
            } else if (OTHER.matcher(name).matches()) {
                problems.add("tensor " + Escape.quote(tensor.name()) + " is no factor of LoRA");
            } else {
                whole.put(name.replace(".modules_to_save", "").replace(".base_layer", ""), tensor);
            }
        }
        halves.forEach(this::pair);
        whole.values().removeIf(tensor -> tensor.name().contains(".base_layer.weight"));
    }

    private void pair(String module, Map<String, SafetensorsTensor> halves) {
        boolean isEmbedding = halves.containsKey("embedding_A");
        SafetensorsTensor a = halves.get(isEmbedding ? "embedding_A" : "A");
        SafetensorsTensor b = halves.get(isEmbedding ? "embedding_B" : "B");
        if (a == null || b == null || halves.size() != 2) {
            String prefix = isEmbedding || halves.containsKey("embedding_B") ? "lora_embedding_" : "lora_";
            problems.add("module " + Escape.quote(module) + " has "
                    + halves.keySet().stream().sorted().map("lora_"::concat).collect(Collectors.joining(", "))
                    + ", expected " + prefix + "A and " + prefix + "B");
            return;
        }
        if (a.shape().size() != 2
                || b.shape().size() != 2
                || !a.shape().get(0).equals(b.shape().get(1))
                || a.elementCount() == 0
                || b.elementCount() == 0) {
            problems.add("module " + Escape.quote(module) + ": lora_A " + a.shape() + " and lora_B " + b.shape()
                    + " do not multiply");
            return;
        }
        PeftFactors both = new PeftFactors(module, a, b, isEmbedding || isConv1d(module));
        if (config.rank(module) != both.rank()) {
            problems.add("module " + Escape.quote(module) + ": lora_A and lora_B are of rank " + both.rank()
                    + ", by adapter_config.json of rank " + Numbers.brief(config.rank(module)));
            return;
        }
        factors.put(module + WEIGHT, both);
    }

    private boolean isConv1d(String module) {
        return hasConv1d && CONV1D.matcher(module).matches();
    }

    /** Whether a tensor is one of a module whose name ends so, which is how PEFT compares names. */
    static boolean isOfModule(String tensor, String end) {
        int dot = tensor.lastIndexOf('.');
        return dot > 0 && tensor.substring(0, dot).endsWith(end);
    }

    /** By the name of the weight in the base model. */
    Map<String, PeftFactors> factors() {
        return factors;
    }

    /** Tensors that were trained as a whole, by their names in the base model. */
    Map<String, SafetensorsTensor> whole() {
        return whole;
    }

    Optional<long[]> shapeOfFactors(String name) {
        return Optional.ofNullable(factors.get(name)).map(PeftFactors::shape);
    }

    Optional<long[]> shapeOfWhole(String name) {
        return Optional.ofNullable(whole.get(name))
                .map(tensor ->
                        tensor.shape().stream().mapToLong(Long::longValue).toArray());
    }
}
