package io.github.expogguf.convert.peft;

import io.github.expogguf.convert.config.OwnTokens;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
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
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a PEFT adapter, by the names that they have in the base model; without the base's own weights, which
 * PEFT stores beside the factors of an embedding.
 */
final class PeftTensors {

    static final String FILE = "adapter_model.safetensors";

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
    private final PeftTargets targets;
    private final List<String> problems;
    private boolean hasLeftOut;
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
        this.targets = new PeftTargets(config);
        this.problems = problems;
        Map<String, Map<String, SafetensorsTensor>> halves = new LinkedHashMap<>();
        for (SafetensorsTensor tensor : checkpoint.tensors().values()) {
            String name = tensor.name().startsWith(PREFIX) ? tensor.name().substring(PREFIX.length()) : tensor.name();
            Matcher factor = FACTOR.matcher(name);
            if (!tensor.type().holdsWeights()) {
                problems.add("tensor " + Escape.quote(tensor.name()) + " is of type " + tensor.type());
            } else if (factor.matches()) {
                String half = (factor.group(2) == null ? "" : "embedding_") + factor.group(3);
                SafetensorsTensor other = halves.computeIfAbsent(factor.group(1), _ -> new HashMap<>())
                        .put(half, tensor);
                requireOnce(tensor, other);
            } else if (name.contains(MAGNITUDE)) {
                throw config.refuse(MAGNITUDE, "DoRA gives each row a length of its own, which no product has");
            } else if (OTHER.matcher(name).matches()) {
                problems.add("tensor " + Escape.quote(tensor.name()) + " is no factor of LoRA");
            } else {
                String original = name.replace(".modules_to_save", "").replace(".base_layer", "");
                requireOnce(tensor, whole.put(original, tensor));
            }
        }
        halves.forEach(this::pair);
        whole.values().removeIf(tensor -> tensor.name().contains(".base_layer.weight"));
    }

    /** Names may have parts that say nothing. */
    private void requireOnce(SafetensorsTensor tensor, @Nullable SafetensorsTensor other) {
        if (other != null) {
            problems.add("tensors " + Names.quoted(List.of(other.name(), tensor.name()))
                    + " are for the same place, expected one of them");
        }
    }

    private void pair(String module, Map<String, SafetensorsTensor> halves) {
        boolean isEmbedding = halves.containsKey("embedding_A");
        SafetensorsTensor a = halves.get(isEmbedding ? "embedding_A" : "A");
        SafetensorsTensor b = halves.get(isEmbedding ? "embedding_B" : "B");
        if (a == null || b == null || halves.size() != 2) {
            String prefix = isEmbedding || halves.containsKey("embedding_B") ? "lora_embedding_" : "lora_";
            problems.add("module " + Escape.quote(module) + " has "
                    + halves.keySet().stream().sorted().map("lora_"::concat).collect(Collectors.joining(", "))
                    + ", expected " + prefix + "A and " + prefix + "B: download " + FILE + " again");
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
        Optional<String> key = targets.leftOutBy(module);
        if (key.isPresent()) {
            problems.add("module " + Escape.quote(module) + " has lora_A and lora_B, and by " + key.get() + " ("
                    + PeftConfig.FILE + ") none, so that PEFT passes over them");
            hasLeftOut = true;
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

    private List<Long> shape(String original, TensorInfo tensor) {
        List<Long> shape =
                LongStream.of(tensor.shape().dimensions()).boxed().toList().reversed();
        boolean isTurned = shape.size() == 2
                && original.endsWith(WEIGHT)
                && isConv1d(original.substring(0, original.length() - WEIGHT.length()));
        return isTurned ? shape.reversed() : shape;
    }

    /** Whether a matrix that was trained as a whole, and has as many elements as one of a model, has its rows, too. */
    boolean fits(String original, SafetensorsTensor tensor, TensorInfo expected) {
        return tensor.shape().size() != 2
                || expected.shape().rank() != 2
                || tensor.elementCount() != expected.shape().elementCount()
                || tensor.shape().equals(shape(original, expected));
    }

    /**
     * That a tensor that was trained as a whole is none of a model, with both shapes.
     *
     * @param original its name in the base model
     */
    String misfit(String original, SafetensorsTensor tensor, TensorInfo expected) {
        List<Long> shape = shape(original, expected);
        boolean isOfTokens = OwnTokens.haveRowsIn(expected)
                && tensor.shape().size() == 2
                && tensor.shape().get(1).equals(shape.get(1));
        return "tensor " + Escape.quote(tensor.name()) + " is " + tensor.shape() + ", expected "
                + shape + " for " + Escape.quote(expected.name())
                + (isOfTokens
                        ? ": the adapter has other tokens than the model; merge it in PEFT (merge_and_unload), and take"
                                + " the result as the aligned model"
                        : "");
    }

    /** By the name of the weight in the base model. */
    Map<String, PeftFactors> factors() {
        return factors;
    }

    /** Whether the file has factors that the configuration leaves out. */
    boolean hasLeftOut() {
        return hasLeftOut;
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
