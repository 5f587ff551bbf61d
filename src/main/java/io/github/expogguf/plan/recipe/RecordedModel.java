package io.github.expogguf.plan.recipe;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A model or adapter as a recipe names it, under {@code expo.sft.*}, {@code expo.aligned.*}, {@code expo.adapter.N.*},
 * {@code expo.delta.N.sft.*} and {@code expo.delta.N.aligned.*}; the checkpoints between the first and the last of a
 * training run under {@code expo.checkpoint.N.*}.
 *
 * @param files   names of its files; those of a Hugging Face folder with its name and a slash before them, and after
 *                them the GGUF that was its template, if that is not the aligned model itself
 * @param digests their SHA-256
 */
public record RecordedModel(List<String> files, List<String> digests) {

    private static final String SFT = RecipeKeys.PREFIX + "sft";
    private static final String ALIGNED = RecipeKeys.PREFIX + "aligned";
    private static final String ADAPTER = RecipeKeys.PREFIX + "adapter.";
    private static final String DELTA = RecipeKeys.PREFIX + "delta.";
    private static final String CHECKPOINT = RecipeKeys.PREFIX + "checkpoint.";
    private static final String FILES = ".files";
    private static final String DIGESTS = ".sha256";
    private static final String WEIGHT = ".weight";
    private static final String STEP = ".step";
    private static final String FOLDER = "/";
    private static final String SAFETENSORS = ".safetensors";
    private static final String DESCRIPTION = ".json";

    /** Copies the lists. */
    public RecordedModel {
        files = Elements.copy(files, "files");
        digests = Elements.copy(digests, "digests");
    }

    /**
     * {@return whether a key depends on what files are called today}
     *
     * @param key a metadata key
     */
    public static boolean isFileName(String key) {
        Objects.requireNonNull(key, "key");
        return key.endsWith(FILES)
                && (key.equals(SFT + FILES)
                        || key.equals(ALIGNED + FILES)
                        || key.startsWith(ADAPTER)
                        || key.startsWith(DELTA)
                        || key.startsWith(CHECKPOINT));
    }

    /**
     * {@return what names the model on a command line: its first file, or the folder that its files are in; empty
     * where nothing is recorded}
     */
    public String name() {
        String first = files.isEmpty() ? "" : files.getFirst();
        return first.contains(FOLDER) ? first.substring(0, first.indexOf(FOLDER)) : first;
    }

    /** {@return the GGUF that a model in safetensors has its metadata and layout from} */
    public Optional<String> template() {
        boolean isConverted = !files.isEmpty() && files.getFirst().endsWith(SAFETENSORS);
        return isConverted
                ? files.stream()
                        .filter(file -> !file.endsWith(SAFETENSORS) && !file.endsWith(DESCRIPTION))
                        .findFirst()
                : Optional.empty();
    }

    /** Adds the names of files, with zeros in place of the digests. */
    static void write(Ingredients<List<String>> files, Map<String, MetadataValue> values) {
        files.sft().ifPresent(sft -> write(SFT, sft, values));
        write(ALIGNED, files.aligned(), values);
        for (int i = 0; i < files.adapters().size(); i++) {
            Ingredients.Adapter<List<String>> adapter = files.adapters().get(i);
            write(ADAPTER + i, adapter.model(), values);
            values.put(ADAPTER + i + WEIGHT, MetadataValue.ofFloat32(adapter.weight()));
        }
        for (int i = 0; i < files.deltas().size(); i++) {
            Ingredients.Delta<List<String>> delta = files.deltas().get(i);
            write(sftOf(i), delta.sft(), values);
            write(alignedOf(i), delta.aligned(), values);
            values.put(DELTA + i + WEIGHT, MetadataValue.ofFloat32(delta.weight()));
        }
        files.trajectory().ifPresent(run -> {
            values.put(SFT + STEP, MetadataValue.ofFloat64(run.firstStep()));
            values.put(ALIGNED + STEP, MetadataValue.ofFloat64(run.lastStep()));
            for (int i = 0; i < run.between().size(); i++) {
                write(CHECKPOINT + i, run.between().get(i).model(), values);
                values.put(
                        CHECKPOINT + i + STEP,
                        MetadataValue.ofFloat64(run.between().get(i).step()));
            }
        });
    }

    private static void write(String prefix, List<String> files, Map<String, MetadataValue> values) {
        values.put(prefix + FILES, MetadataValue.ofStrings(files));
        values.put(prefix + DIGESTS, MetadataValue.ofStrings(Collections.nCopies(files.size(), Sha256.PLACEHOLDER)));
    }

    /**
     * {@return the keys of the digests}
     *
     * @param metadata metadata of a model's file
     */
    public static Ingredients<String> digestKeys(Metadata metadata) {
        Objects.requireNonNull(metadata, "metadata");
        return prefixes(metadata).map(prefix -> prefix + DIGESTS);
    }

    /** @throws VerificationException if something is missing */
    static Ingredients<RecordedModel> read(Metadata metadata) {
        Ingredients<RecordedModel> models = prefixes(metadata)
                .map(prefix -> new RecordedModel(
                        RecordedValues.strings(metadata, prefix + FILES),
                        RecordedValues.strings(metadata, prefix + DIGESTS)));
        return models.withAdapters(models.adapters()); // whether the aligned model is the SFT model, is known now
    }

    private static Ingredients<String> prefixes(Metadata metadata) {
        List<Ingredients.Adapter<String>> adapters = new ArrayList<>();
        for (int i = 0; metadata.get(ADAPTER + i + WEIGHT).isPresent(); i++) {
            adapters.add(new Ingredients.Adapter<>(ADAPTER + i, weight(metadata, ADAPTER + i)));
        }
        List<Ingredients.Delta<String>> deltas = new ArrayList<>();
        for (int i = 0; metadata.get(DELTA + i + WEIGHT).isPresent(); i++) {
            deltas.add(new Ingredients.Delta<>(sftOf(i), alignedOf(i), weight(metadata, DELTA + i)));
        }
        if (RecordedValues.isExtrapolated(metadata)) {
            Ingredients<String> models =
                    metadata.get(SFT + STEP).isPresent() ? checkpoints(metadata) : Ingredients.pair(SFT, ALIGNED);
            if (models.trajectory().isPresent() && !adapters.isEmpty()) {
                throw new VerificationException("the recipe is incomplete: adapters of checkpoints");
            }
            return models.withAdapters(adapters).withDeltas(deltas);
        }
        if (!(adapters.isEmpty() && deltas.isEmpty())) {
            throw new VerificationException(
                    "the recipe is incomplete: adapters or further deltas without an SFT model");
        }
        return Ingredients.model(ALIGNED);
    }

    /** @throws VerificationException if their steps are none that a file was made with */
    private static Ingredients<String> checkpoints(Metadata metadata) {
        List<Ingredients.Checkpoint<String>> checkpoints = new ArrayList<>();
        checkpoints.add(new Ingredients.Checkpoint<>(step(metadata, SFT), SFT));
        for (int i = 0; metadata.get(CHECKPOINT + i + STEP).isPresent(); i++) {
            checkpoints.add(new Ingredients.Checkpoint<>(step(metadata, CHECKPOINT + i), CHECKPOINT + i));
        }
        checkpoints.add(new Ingredients.Checkpoint<>(step(metadata, ALIGNED), ALIGNED));
        try {
            Ingredients<String> models = Ingredients.checkpoints(checkpoints);
            if (!models.sft().equals(Optional.of(SFT)) || !models.aligned().equals(ALIGNED)) {
                throw new IllegalArgumentException("the steps of the checkpoints do not rise");
            }
            return models;
        } catch (IllegalArgumentException wrong) {
            throw new VerificationException("the recipe is incomplete: " + wrong.getMessage());
        }
    }

    private static double step(Metadata metadata, String prefix) {
        return metadata.get(prefix + STEP)
                .filter(value -> value.type() == MetadataType.FLOAT64 && Double.isFinite(value.asDouble()))
                .map(MetadataValue::asDouble)
                .orElseThrow(() -> new VerificationException(prefix + STEP + " is no finite FLOAT64"));
    }

    private static String sftOf(int delta) {
        return DELTA + delta + ".sft";
    }

    private static String alignedOf(int delta) {
        return DELTA + delta + ".aligned";
    }

    private static float weight(Metadata metadata, String prefix) {
        MetadataValue value = metadata.get(prefix + WEIGHT).orElseThrow();
        if (value.type() != MetadataType.FLOAT32 || !Double.isFinite(value.asDouble())) {
            throw new VerificationException(prefix + WEIGHT + " is no finite FLOAT32");
        }
        return (float) value.asDouble();
    }
}
