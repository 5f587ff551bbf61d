package io.github.expogguf.plan.recipe;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.task.FurtherInputs;
import io.github.expogguf.plan.task.ModelFiles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The adapters and further differences of a recipe, as {@code expo.adapter.N.*} and {@code expo.delta.N.*} tell.
 *
 * @param adapters in their order
 * @param deltas   in their order
 */
public record FurtherRecipe(List<Adapter> adapters, List<Delta> deltas) {

    /** A recipe for a pair alone, or one model. */
    public static final FurtherRecipe NONE = new FurtherRecipe(List.of(), List.of());

    private static final String ADAPTER = RecipeKeys.PREFIX + "adapter.";
    private static final String DELTA = RecipeKeys.PREFIX + "delta.";
    private static final String FILES = ".files";
    private static final String DIGESTS = ".sha256";
    private static final String WEIGHT = ".weight";

    /**
     * A model or adapter.
     *
     * @param files   names of its files
     * @param digests their SHA-256
     */
    public record Source(List<String> files, List<String> digests) {}

    /** An adapter and its weight. */
    public record Adapter(Source source, float weight) {}

    /** A difference and its weight. */
    public record Delta(Source sft, Source aligned, float weight) {}

    /** Copies the lists. */
    public FurtherRecipe {
        adapters = List.copyOf(adapters);
        deltas = List.copyOf(deltas);
    }

    /** Whether a key depends on what files are called today. */
    public static boolean isFileName(String key) {
        return (key.startsWith(ADAPTER) || key.startsWith(DELTA)) && key.endsWith(FILES);
    }

    /** With zeros in place of the digests. */
    static Map<String, MetadataValue> metadata(FurtherInputs further) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        for (int i = 0; i < further.adapters().size(); i++) {
            FurtherInputs.Adapter adapter = further.adapters().get(i);
            put(values, ADAPTER + i, adapter.model());
            values.put(ADAPTER + i + WEIGHT, MetadataValue.ofFloat32(adapter.weight()));
        }
        for (int i = 0; i < further.deltas().size(); i++) {
            FurtherInputs.Delta delta = further.deltas().get(i);
            put(values, DELTA + i + ".sft", delta.sft());
            put(values, DELTA + i + ".aligned", delta.aligned());
            values.put(DELTA + i + WEIGHT, MetadataValue.ofFloat32(delta.weight()));
        }
        return values;
    }

    private static void put(Map<String, MetadataValue> values, String prefix, ModelFiles model) {
        values.put(prefix + FILES, MetadataValue.ofStrings(model.files()));
        values.put(
                prefix + DIGESTS,
                MetadataValue.ofStrings(Collections.nCopies(model.files().size(), Recipe.NO_DIGEST)));
    }

    /** The keys of the digests, in the order of the models' numbers. */
    public static List<String> digestKeys(Metadata metadata) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; metadata.get(ADAPTER + i + WEIGHT).isPresent(); i++) {
            keys.add(ADAPTER + i + DIGESTS);
        }
        for (int i = 0; metadata.get(DELTA + i + WEIGHT).isPresent(); i++) {
            keys.add(DELTA + i + ".sft" + DIGESTS);
            keys.add(DELTA + i + ".aligned" + DIGESTS);
        }
        return keys;
    }

    /** @throws VerificationException if it is incomplete */
    static FurtherRecipe read(Metadata metadata) {
        List<Adapter> adapters = new ArrayList<>();
        for (int i = 0; metadata.get(ADAPTER + i + WEIGHT).isPresent(); i++) {
            adapters.add(new Adapter(source(metadata, ADAPTER + i), weight(metadata, ADAPTER + i)));
        }
        List<Delta> deltas = new ArrayList<>();
        for (int i = 0; metadata.get(DELTA + i + WEIGHT).isPresent(); i++) {
            deltas.add(new Delta(
                    source(metadata, DELTA + i + ".sft"),
                    source(metadata, DELTA + i + ".aligned"),
                    weight(metadata, DELTA + i)));
        }
        return new FurtherRecipe(adapters, deltas);
    }

    private static Source source(Metadata metadata, String prefix) {
        return new Source(Recipe.strings(metadata, prefix + FILES), Recipe.strings(metadata, prefix + DIGESTS));
    }

    private static float weight(Metadata metadata, String prefix) {
        MetadataValue value = metadata.get(prefix + WEIGHT).orElseThrow();
        if (value.type() != MetadataType.FLOAT32 || !Double.isFinite(value.asDouble())) {
            throw new VerificationException(prefix + WEIGHT + " is no finite FLOAT32");
        }
        return (float) value.asDouble();
    }
}
