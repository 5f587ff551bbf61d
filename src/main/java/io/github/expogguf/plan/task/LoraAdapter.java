package io.github.expogguf.plan.task;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.convert.peft.PeftAdapter;
import io.github.expogguf.extrapolate.Parametrisation;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.plan.pair.TensorLayouts;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Reads what a LoRA adapter changes, and refuses what llama.cpp v0.5.0 refuses ({@code llama_adapter_lora_init_impl} in
 * llama-adapter.cpp), activated adapters, which no weights can express, and shapes that do not multiply. Tensors that
 * were trained as a whole beside the factors count, too: llama.cpp passes over those named {@code *_norm.weight} and
 * refuses all others.
 */
final class LoraAdapter {

    private static final String A = ".lora_a";
    static final String B = ".lora_b";
    static final String ALPHA = "adapter.lora.alpha";
    private static final String INVOCATION = "adapter.alora.invocation_tokens";

    /** Adapters have ranks up to some hundred; every thread holds a factor, 512 MiB at most. */
    private static final long MAX_RANK = 16 * 1024;

    private static final long MAX_MATRIX_ELEMENTS = 128L << 20;

    private final int number;
    private final ModelHeader adapter;
    private final float weight;
    private final Map<String, TensorInfo> base = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private LoraAdapter(int number, ModelHeader adapter, float weight, ModelHeader base) {
        this.number = number;
        this.adapter = adapter;
        this.weight = weight;
        base.tensors().forEach(tensor -> this.base.put(tensor.name(), tensor));
    }

    /**
     * The changes by name of the tensor that they are made to.
     *
     * @param number number that operands give the adapter
     * @throws ModelMismatchException   if it is no LoRA adapter for the model; lists every reason
     * @throws UnsupportedTypeException if it is activated by tokens, or a tensor cannot be read
     */
    static Map<String, AdapterChange> changes(int number, ModelHeader adapter, float weight, ModelHeader base) {
        LoraAdapter lora = new LoraAdapter(number, adapter, weight, base);
        lora.checkMetadata(base.metadata());
        Map<String, AdapterChange> changes = lora.problems.isEmpty() ? lora.changes(base.metadata()) : Map.of();
        if (!lora.problems.isEmpty()) {
            throw new ModelMismatchException(
                    adapter.name() + " is no LoRA adapter for " + base.name() + ":\n  "
                            + String.join("\n  ", lora.problems),
                    lora.problems);
        }
        return changes;
    }

    private void checkMetadata(Metadata baseMetadata) {
        Metadata metadata = adapter.metadata();
        expect("general.type", "adapter");
        expect("adapter.type", "lora");
        expect("general.architecture", baseMetadata.architecture());
        if (metadata.get(INVOCATION).isPresent()) {
            throw new UnsupportedTypeException(
                    adapter.name() + ": the adapter is active after its invocation tokens only (" + INVOCATION
                            + "), which no weights can express");
        }
        Optional<MetadataValue> alpha = metadata.get(ALPHA);
        if (alpha.isPresent() && alpha.get().type() != MetadataType.FLOAT32) {
            problems.add(ALPHA + " is of type " + alpha.get().typeName() + ", expected FLOAT32");
        } else if (alpha.isPresent() && !Double.isFinite(alpha.get().asDouble())) {
            problems.add(ALPHA + " is " + alpha.get() + ", expected a finite number");
        }
    }

    private void expect(String key, String expected) {
        String actual = adapter.metadata().string(key).orElse("");
        if (!actual.equals(expected)) {
            problems.add(key + " is " + Escape.quote(actual) + ", expected " + Escape.quote(expected));
        }
    }

    private Map<String, AdapterChange> changes(Metadata baseMetadata) {
        Map<String, TensorInfo> a = halves(A);
        Map<String, TensorInfo> b = halves(B);
        b.keySet().stream()
                .filter(name -> !a.containsKey(name))
                .forEach(name -> problems.add("tensor " + Escape.quote(name) + " has no " + A));
        Map<String, AdapterChange> changes = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        a.forEach((name, left) -> {
            if (!b.containsKey(name)) {
                problems.add("tensor " + Escape.quote(name) + " has no " + B);
            } else if (!base.containsKey(name)) {
                missing.add(name);
            } else {
                product(base.get(name), left, b.get(name)).ifPresent(product -> changes.put(name, product));
            }
        });
        for (TensorInfo tensor : adapter.tensors()) {
            if (isWhole(tensor)) {
                whole(tensor, a.containsKey(tensor.name()), baseMetadata)
                        .ifPresent(whole -> changes.put(tensor.name(), whole));
            }
        }
        for (String name : missing) {
            problems.add("tensor " + Escape.quote(name) + " is not in the model"
                    + (name.equals(missing.getFirst()) ? layout(name) : ""));
        }
        if (changes.isEmpty() && problems.isEmpty()) {
            problems.add("it changes no tensor");
        }
        return changes;
    }

    /** Whether a tensor of an adapter is no factor. */
    static boolean isWhole(TensorInfo tensor) {
        return !tensor.name().endsWith(A) && !tensor.name().endsWith(B);
    }

    private Optional<WholeTensor> whole(TensorInfo tensor, boolean hasFactors, Metadata baseMetadata) {
        String name = "tensor " + Escape.quote(tensor.name());
        TensorInfo replaced = base.get(tensor.name());
        Parametrisation function = Parametrisations.of(baseMetadata, tensor.name());
        if (replaced == null) {
            problems.add(name + " is neither " + A + " nor " + B + " nor a tensor of the model");
        } else if (hasFactors) {
            problems.add(name + " is there as a whole and in factors");
        } else if (!tensor.shape().equals(replaced.shape())
                || tensor.type().isInteger()
                || replaced.type().isInteger()) {
            problems.add(name + " is " + tensor.type() + " " + tensor.shape() + ", in the model " + replaced.type()
                    + " " + replaced.shape());
        } else if (function != Parametrisation.IDENTITY && weight != 1) {
            problems.add(name + " is stored as " + function.words()
                    + " and can be taken as a whole only, with a weight of 1, not " + weight);
        } else {
            requireReadable(tensor);
            return Optional.of(new WholeTensor(number, tensor, weight));
        }
        return Optional.empty();
    }

    /** The tensor that a half of a product is for. */
    static String baseName(TensorInfo half) {
        return half.name().substring(0, half.name().length() - B.length());
    }

    /** The scale of a tensor's product, where an adapter of PEFT's says it. */
    static OptionalDouble exactScale(Metadata adapter, String tensor) {
        return adapter.get(PeftAdapter.SCALE + tensor)
                .map(value -> OptionalDouble.of(value.asDouble()))
                .orElse(OptionalDouble.empty());
    }

    private void requireReadable(TensorInfo tensor) {
        if (!WeightTypes.isSupported(tensor.type())) {
            throw new UnsupportedTypeException(adapter.name() + ": tensor " + Escape.quote(tensor.name())
                    + " is of type " + tensor.type() + ", which ggml cannot turn into 32-bit floats");
        }
    }

    /** What the model has instead, in another layout. */
    private String layout(String missing) {
        List<String> instead = TensorLayouts.inPlaceOf(missing, base.keySet());
        return instead.isEmpty()
                ? ""
                : ", which has " + Names.quoted(instead)
                        + ": the layout is the difference; convert the model anew in the adapter's layout";
    }

    private Map<String, TensorInfo> halves(String suffix) {
        Map<String, TensorInfo> halves = new LinkedHashMap<>();
        for (TensorInfo tensor : adapter.tensors()) {
            if (tensor.name().endsWith(suffix)) {
                halves.put(baseName(tensor), tensor);
            }
        }
        return halves;
    }

    private Optional<LowRank> product(TensorInfo tensor, TensorInfo a, TensorInfo b) {
        requireReadable(a);
        requireReadable(b);
        boolean isEmbedding = tensor.name().endsWith(TensorNames.EMBEDDING);
        // for embeddings the two are flipped, as rows of lora_a are looked up by token (llama-graph.cpp,
        // build_inp_embd)
        TensorInfo left = isEmbedding ? a : b;
        TensorInfo right = isEmbedding ? b : a;
        boolean fits = left.shape().dimension(1) == tensor.shape().dimension(1)
                && right.shape().dimension(isEmbedding ? 1 : 0)
                        == tensor.shape().rowLength()
                && right.shape().dimension(isEmbedding ? 0 : 1) == left.shape().rowLength()
                && sameStack(left, tensor)
                && sameStack(right, tensor);
        if (!fits || tensor.type().isInteger()) {
            problems.add("tensor " + Escape.quote(tensor.name()) + ": " + A + " " + a.shape() + " and " + B + " "
                    + b.shape() + " do not multiply to " + tensor.type() + " " + tensor.shape());
            return Optional.empty();
        }
        if (left.shape().rowLength() > MAX_RANK || matrixElements(right) > MAX_MATRIX_ELEMENTS) {
            throw new UnsupportedTypeException(adapter.name() + ": tensor " + Escape.quote(right.name()) + " of shape "
                    + right.shape() + " is too large for the factor of an adapter: up to rank " + MAX_RANK + " and "
                    + MAX_MATRIX_ELEMENTS + " elements of a matrix are held in memory");
        }
        float scale = scale(tensor.name(), left.shape().rowLength());
        if (!Float.isFinite(scale)) {
            problems.add("tensor " + Escape.quote(tensor.name()) + ": the scale is " + scale);
            return Optional.empty();
        }
        return Optional.of(new LowRank(number, left, right, isEmbedding, scale));
    }

    private static long matrixElements(TensorInfo tensor) {
        return Math.multiplyExact(tensor.shape().rowLength(), tensor.shape().dimension(1));
    }

    private static boolean sameStack(TensorInfo half, TensorInfo tensor) {
        return half.shape().dimension(2) == tensor.shape().dimension(2)
                && half.shape().dimension(3) == tensor.shape().dimension(3);
    }

    /** As {@code llama_adapter_lora_weight::get_scale} (llama-adapter.h), or as a PEFT adapter says. */
    private float scale(String tensor, long rank) {
        OptionalDouble exact = exactScale(adapter.metadata(), tensor);
        if (exact.isPresent()) {
            return weight * (float) exact.getAsDouble();
        }
        float alpha = adapter.metadata()
                .get(ALPHA)
                .map(value -> (float) value.asDouble())
                .orElse(0f);
        return alpha == 0 ? weight : weight * alpha / rank;
    }
}
