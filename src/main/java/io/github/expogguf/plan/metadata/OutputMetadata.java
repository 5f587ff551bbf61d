package io.github.expogguf.plan.metadata;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.SplitNames;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.OutputTemplate;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.plan.task.TensorTask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The metadata of the output: that of the aligned model in its order, with the keys changed that say what the file is
 * and how it came about. What {@link PlanOptions} override comes last.
 */
public final class OutputMetadata {

    private static final long QUANTIZATION_VERSION = 2; // GGML_QNT_VERSION in ggml.h

    private static final String FILE_TYPE = "general.file_type";

    private static final String BASE_MODEL = "general.base_model.";

    /** What general.base_model.N repeats of a parent's own general.*. */
    private static final List<String> PARENT_KEYS = List.of("organization", "version", "repo_url");

    private final Ingredients<ModelFiles> models;
    private final PlanOptions options;
    private final List<TensorTask> tasks;
    private final boolean extrapolates;
    private final Map<String, MetadataValue> values = new LinkedHashMap<>();

    private OutputMetadata(Ingredients<ModelFiles> models, PlanOptions options, List<TensorTask> tasks) {
        this.models = models;
        this.options = options;
        this.tasks = tasks;
        this.extrapolates = tasks.stream().anyMatch(TensorTask.Extrapolate.class::isInstance);
    }

    /**
     * The whole metadata, with zeros in place of the digests.
     *
     * @param tasks what is done to each tensor
     */
    public static Metadata of(Ingredients<ModelFiles> models, PlanOptions options, List<TensorTask> tasks) {
        return new OutputMetadata(models, options, tasks).build();
    }

    /**
     * Puts the digests of the inputs in the place of the zeros; the metadata keeps its size.
     *
     * @param metadata metadata of a plan
     * @param digests  SHA-256 of each file of each model, 64 hexadecimal digits
     * @throws IllegalArgumentException if the counts or lengths differ from the plan's
     */
    public static Metadata withDigests(Metadata metadata, Ingredients<List<String>> digests) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        List<String> keys = RecordedModel.digestKeys(metadata).inOrder();
        List<List<String>> found = digests.inOrder();
        if (keys.size() != found.size()) {
            throw new IllegalArgumentException("digests of " + found.size() + " models, planned were " + keys.size());
        }
        for (int i = 0; i < keys.size(); i++) {
            replaceDigests(values, keys.get(i), found.get(i));
        }
        return new Metadata(values);
    }

    private static void replaceDigests(Map<String, MetadataValue> values, String key, List<String> digests) {
        List<Integer> lengths = digests.stream().map(String::length).toList();
        List<Integer> planned = Objects.requireNonNull(values.get(key)).asStrings().stream()
                .map(String::length)
                .toList();
        if (!lengths.equals(planned)) {
            throw new IllegalArgumentException(key + ": digests of " + lengths + " digits, planned were " + planned);
        }
        values.put(key, MetadataValue.ofStrings(digests));
    }

    private Metadata build() {
        copyFromAligned();
        values.put("general.quantization_version", MetadataValue.ofUint32(QUANTIZATION_VERSION));
        options.fileType().map(FileType::id).ifPresent(id -> values.put(FILE_TYPE, MetadataValue.ofUint32(id)));
        values.computeIfAbsent(FILE_TYPE, _ -> MetadataValue.ofUint32(MostlyOf.fileType(tasks)));
        if (models.sft().isPresent()) {
            if (extrapolates) {
                values.put("general.name", MetadataValue.ofString(name(models.aligned()) + " ExPO"));
            }
            addBaseModels();
        }
        values.putAll(Recipe.metadata(models.map(ModelFiles::files), options));
        options.chatTemplate()
                .ifPresent(template -> values.put(OutputTemplate.KEY, MetadataValue.ofString(template.source())));
        options.imatrix().ifPresent(this::addImatrix);
        options.overrides().forEach(override -> values.put(override.key(), override.value()));
        return new Metadata(values);
    }

    private void copyFromAligned() {
        models.aligned().header().metadata().asMap().forEach((key, value) -> {
            if (!isReplaced(key) && !isOtherAlignment(key, value)) {
                values.put(key, value);
            }
        });
    }

    private boolean isReplaced(String key) {
        boolean changesValues = options.fileType().isPresent() || extrapolates;
        return key.startsWith("split.")
                || key.startsWith(RecipeKeys.PREFIX)
                || (key.startsWith(BASE_MODEL) && models.sft().isPresent())
                || (key.startsWith("quantize.imatrix.") && changesValues);
    }

    /**
     * llama-quantize and gguf-split lay data out for 32 bytes, whatever the file says, and keep the key, so that
     * nothing can read what they write.
     */
    private static boolean isOtherAlignment(String key, MetadataValue value) {
        return key.equals("general.alignment") && !value.equals(MetadataValue.ofUint32(GgufLimits.DEFAULT_ALIGNMENT));
    }

    private void addBaseModels() {
        List<ModelFiles> parents = new ArrayList<>(List.of(models.aligned()));
        models.sft().filter(_ -> !models.alignedIsSft()).ifPresent(parents::add);
        parents.addAll(models.further());
        values.put(BASE_MODEL + "count", MetadataValue.ofUint32(parents.size()));
        for (int i = 0; i < parents.size(); i++) {
            String prefix = BASE_MODEL + i + ".";
            Metadata parent = parents.get(i).header().metadata();
            values.put(prefix + "name", MetadataValue.ofString(name(parents.get(i))));
            for (String key : PARENT_KEYS) {
                parent.string("general." + key)
                        .ifPresent(value -> values.put(prefix + key, MetadataValue.ofString(value)));
            }
        }
    }

    /** The model's name, or its file's without extension and shard number. */
    private static String name(ModelFiles model) {
        return model.header()
                .metadata()
                .string("general.name")
                .filter(name -> !name.isBlank())
                .orElseGet(() -> SplitNames.prefix(model.files().getFirst()));
    }

    /** The keys of llama-quantize (quantize.cpp), with the file's name in place of its path. */
    private void addImatrix(Imatrix imatrix) {
        values.put(
                "quantize.imatrix.entries_count",
                MetadataValue.ofUint32(imatrix.tensors().size()));
        imatrix.source().ifPresent(source -> {
            values.put("quantize.imatrix.file", MetadataValue.ofString(source.fileName()));
            source.datasets().stream()
                    .findFirst()
                    .ifPresent(dataset -> values.put("quantize.imatrix.dataset", MetadataValue.ofString(dataset)));
            if (source.chunkCount() > 0) {
                values.put("quantize.imatrix.chunks_count", MetadataValue.ofUint32(source.chunkCount()));
            }
        });
    }
}
