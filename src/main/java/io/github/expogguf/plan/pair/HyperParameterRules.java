package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.plan.pair.HyperParameterTable.Row;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntPredicate;

/** Defaults that llama.cpp v0.5.0 computes from other keys: the {@code @RULE}s of {@link HyperParameterTable}. */
final class HyperParameterRules {

    /** LLAMA_MAX_LAYERS (llama-hparams.h). */
    private static final int MAX_LAYERS = 512;

    /** From here on GLM shares its indexers between layers ({@code is_pre_5_2} in models/glm-dsa.cpp). */
    private static final int GLM_SHARED_INDEXERS_CONTEXT = 1 << 20;

    private static final int GLM_LAYERS = 78;

    private static final String LINEAR = "linear";
    private static final String NONE = "none";

    /** The values of the model that a rule computes with; they may come from rules themselves. */
    interface Values {

        /** Key in the file. */
        String fileKey(String key);

        /** What the file says; empty if it does not, or only that it wants the default. */
        Optional<String> stated(String key);

        /** What counts; empty where nobody knows. */
        Optional<String> effective(String key);

        /** What counts, as a number, that of the first layer if they have different ones; empty if it is none. */
        Optional<Double> number(String key);
    }

    private final Values values;
    private final Metadata metadata;
    private final int layers;

    HyperParameterRules(Values values, Metadata metadata, int layers) {
        this.values = values;
        this.metadata = metadata;
        this.layers = layers;
    }

    /** The value that counts where a rule changes what the file says, too; empty if it does not. */
    Optional<String> canonical(Row row, Optional<String> stated) {
        String[] words = row.missing().substring(1).split(" ");
        return switch (words[0]) {
            case "rope-type" -> Optional.of(ropeType(stated.orElse(LINEAR)));
            case "sliding-window" -> slidingWindow(stated, words);
            default -> Optional.empty();
        };
    }

    /** What a missing key means; empty where the keys that decide are missing, too. */
    Optional<String> missing(String rule) {
        String[] words = rule.split(" ");
        return switch (words[0]) {
            case "head-length" -> quotient("embedding_length", "attention.head_count");
            case "recurrent-layers" -> recurrentLayers(Integer.parseInt(words[1]));
            case "sliding-window" -> slidingWindow(Optional.empty(), words);
            case "glm-indexer-types" -> byLayer(this::hasGlmIndexer);
            case "deepseek2-gating" -> Optional.of(isGlm47Lite() ? "2" : "1"); // sigmoid, softmax
            case "shared-experts" -> product("expert_feed_forward_length", "expert_shared_count");
            case "minicpm-logit-scale" ->
                values.number("embedding_length")
                        .filter(length -> length > 0)
                        .map(length -> HyperParameterText.of(256f / (float) (double) length));
            case "minicpm-residual-scale" ->
                layers > 0 ? Optional.of(HyperParameterText.of(1.4f / (float) Math.sqrt(layers))) : Optional.empty();
            case "rope-factor" ->
                Optional.of(values.stated("rope.scale_linear")
                        .filter(text -> !text.equals("0"))
                        .orElse("1"));
            case "rope-type" -> Optional.of(ropeType(LINEAR));
            case "in" -> values.effective(words[1]);
            default -> throw new IllegalStateException("no rule " + rule);
        };
    }

    /** Linear scaling by 1 is none (llama-context.cpp). */
    private String ropeType(String stated) {
        boolean isUnscaled = values.effective("rope.scaling.factor")
                .filter(text -> text.equals("1"))
                .isPresent();
        return stated.equals(NONE) && isUnscaled ? LINEAR : stated;
    }

    private Optional<String> quotient(String dividend, String divisor) {
        Optional<Double> parts = values.number(divisor).filter(number -> number > 0);
        return values.number(dividend)
                .filter(_ -> parts.isPresent())
                .map(whole -> HyperParameterText.of(Math.floor(whole / parts.get())));
    }

    private Optional<String> product(String first, String second) {
        Optional<Double> count = values.number(second);
        return values.number(first)
                .filter(_ -> count.isPresent())
                .map(length -> HyperParameterText.of(length * Math.max(1, count.get())));
    }

    private Optional<String> recurrentLayers(int usualInterval) {
        long interval =
                metadata.integer(values.fileKey("full_attention_interval")).orElse(usualInterval);
        return interval < 1 ? Optional.empty() : byLayer(layer -> (layer + 1) % interval != 0);
    }

    /** {@code load_swa_pattern}: an array, or else a period; nothing slides where there is no window. */
    private Optional<String> slidingWindow(Optional<String> stated, String[] words) {
        if (values.effective("attention.sliding_window")
                .filter(text -> text.equals("0"))
                .isPresent()) {
            return Optional.of("0");
        }
        boolean isArray = metadata.get(values.fileKey("attention.sliding_window_pattern"))
                .filter(value -> value.type() == MetadataType.ARRAY)
                .isPresent();
        if (isArray) {
            return stated;
        }
        int period = stated.flatMap(HyperParameterRules::whole).orElse(Integer.parseInt(words[1]));
        int dense = words.length > 2 ? 0 : period - 1; // "dense-first"
        return byLayer(layer -> period == 0 || layer % period != dense);
    }

    private static Optional<Integer> whole(String text) {
        return text.matches("\\d{1,9}") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }

    /** {@code GLM_5_2_DEFAULT_INDEXER_TYPES}: the first two layers have one, then every fourth. */
    private boolean hasGlmIndexer(int layer) {
        boolean areShared = values.number("context_length").orElse(0.0) >= GLM_SHARED_INDEXERS_CONTEXT;
        return !areShared || layer < 2 || (layer % 4 == 2 && layer < GLM_LAYERS);
    }

    /** In models/deepseek2.cpp. */
    private boolean isGlm47Lite() {
        long tokens = metadata.integer(values.fileKey("vocab_size"))
                .orElseGet(() -> metadata.get("tokenizer.ggml.tokens")
                        .map(value -> value.elementCount())
                        .orElse(0L));
        return (layers == 47 || layers == 48) && tokens == 154880;
    }

    private Optional<String> byLayer(IntPredicate predicate) {
        if (layers < 1 || layers > MAX_LAYERS) {
            return Optional.empty();
        }
        double[] flags = new double[layers];
        Arrays.setAll(flags, layer -> predicate.test(layer) ? 1 : 0);
        return Optional.of(HyperParameterText.of(flags));
    }
}
