package io.github.expogguf.run.lora.export;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.recipe.Versions;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.text.ShortNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pair's delta as a LoRA adapter of llama.cpp, decided before the first byte is written. Pure: no I/O.
 *
 * @param rank     rows of every {@code lora_a}; also {@code adapter.lora.alpha}, so that {@code --lora-scaled FILE
 *                 alpha} adds alpha times the product
 * @param targets  tensors that get factors, in the order of the aligned model
 * @param leftOut  tensors with a delta that an adapter cannot hold
 * @param metadata of the adapter, with zeros in place of what the run finds out
 */
public record LoraPlan(int rank, List<Target> targets, List<LeftOut> leftOut, Metadata metadata) {

    /** Most ranks that make sense: above, the factors are as large as the models. */
    public static final int MAX_RANK = 4096;

    private static final String PREFIX = RecipeKeys.PREFIX + "lora.";
    private static final String ENERGY = PREFIX + "energy";
    private static final String ENERGIES = PREFIX + "energies";
    private static final String SFT_DIGESTS = PREFIX + "sft.sha256";
    private static final String ALIGNED_DIGESTS = PREFIX + "aligned.sha256";

    /**
     * A tensor whose delta is factored.
     *
     * @param task        where the two sides come from
     * @param lowRankA    {@code NAME.lora_a}
     * @param lowRankB    {@code NAME.lora_b}
     * @param isEmbedding whether {@code lora_a} holds a row for each token, and {@code lora_b} is not transposed
     */
    public record Target(TensorTask.Extrapolate task, TensorSpec lowRankA, TensorSpec lowRankB, boolean isEmbedding) {

        /** Matrices that are factored one by one: experts, or 1. */
        public long matrixCount() {
            return task.aligned().shape().dimension(2);
        }
    }

    /**
     * A tensor whose delta the adapter does not hold.
     *
     * @param task   where the two sides come from
     * @param reason why, for people
     */
    public record LeftOut(TensorTask.Extrapolate task, String reason) {}

    /** Copies the lists. */
    public LoraPlan {
        targets = List.copyOf(targets);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * Plans an adapter.
     *
     * @param pair  plan of the pair with any alpha but 0 for all tensors
     * @param files names of the files of the SFT and of the aligned model
     * @param tasks those of the pair's tasks whose tensors differ
     * @param rank  1 to {@value #MAX_RANK}
     * @param type  of the factors; F16 takes its place where a row does not fit its blocks
     * @throws IllegalArgumentException if the rank is out of bounds
     */
    public static LoraPlan of(
            Plan pair, SourceFiles files, List<TensorTask.Extrapolate> tasks, int rank, GgmlType type) {
        if (rank < 1 || rank > MAX_RANK) {
            throw new IllegalArgumentException("rank " + rank + ", expected 1 to " + MAX_RANK);
        }
        LoraTargets known = new LoraTargets(pair.aligned());
        List<Target> targets = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        for (TensorTask.Extrapolate task : tasks) {
            Optional<String> obstacle = known.obstacle(task.aligned());
            if (obstacle.isPresent()) {
                leftOut.add(new LeftOut(task, obstacle.get()));
            } else {
                targets.add(target(task, rank, type));
            }
        }
        Metadata metadata = metadata(pair, files, rank, targets.size());
        return new LoraPlan(rank, targets, leftOut, Checksums.planSpecs(metadata, specs(targets)));
    }

    /**
     * Names of the files of a pair.
     *
     * @param sft     without directories
     * @param aligned without directories
     */
    public record SourceFiles(List<String> sft, List<String> aligned) {}

    /** Shapes as llama-adapter.cpp (v0.5.0, {@code llama_adapter_lora_init_impl}) checks them. */
    private static Target target(TensorTask.Extrapolate task, int rank, GgmlType type) {
        TensorInfo tensor = task.aligned();
        long columns = tensor.shape().rowLength();
        long rows = tensor.shape().dimension(1);
        if (tensor.name().equals(TensorNames.EMBEDDING)) {
            return new Target(
                    task,
                    factor(tensor, ".lora_a", type, rank, rows),
                    factor(tensor, ".lora_b", type, rank, columns),
                    true);
        }
        return new Target(
                task,
                factor(tensor, ".lora_a", type, columns, rank),
                factor(tensor, ".lora_b", type, rank, rows),
                false);
    }

    private static TensorSpec factor(TensorInfo tensor, String suffix, GgmlType type, long rowLength, long rows) {
        GgmlType fitting = rowLength % type.blockSize() == 0 ? type : GgmlType.F16;
        Shape shape = tensor.shape().rank() == 3
                ? new Shape(rowLength, rows, tensor.shape().dimension(2))
                : new Shape(rowLength, rows);
        return new TensorSpec(tensor.name() + suffix, fitting, shape);
    }

    private static Metadata metadata(Plan pair, SourceFiles files, int rank, int targets) {
        Metadata aligned = pair.aligned().metadata();
        String name = aligned.string("general.name")
                .filter(any -> !any.isBlank())
                .orElse(ShortNames.withoutFolders(pair.aligned().name()));
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("general.architecture", MetadataValue.ofString(aligned.architecture()));
        values.put("general.type", MetadataValue.ofString("adapter"));
        values.put("general.name", MetadataValue.ofString(name + " ExPO delta"));
        values.put("general.base_model.count", MetadataValue.ofUint32(1));
        values.put("general.base_model.0.name", MetadataValue.ofString(name));
        values.put("adapter.type", MetadataValue.ofString("lora"));
        values.put("adapter.lora.alpha", MetadataValue.ofFloat32(rank));
        values.put(PREFIX + "version", MetadataValue.ofString(Versions.EXPO_GGUF));
        values.put(PREFIX + "rank", MetadataValue.ofUint32(rank));
        values.put(PREFIX + "sft.files", MetadataValue.ofStrings(files.sft()));
        values.put(
                SFT_DIGESTS,
                MetadataValue.ofStrings(
                        files.sft().stream().map(_ -> Sha256.PLACEHOLDER).toList()));
        values.put(PREFIX + "aligned.files", MetadataValue.ofStrings(files.aligned()));
        values.put(
                ALIGNED_DIGESTS,
                MetadataValue.ofStrings(
                        files.aligned().stream().map(_ -> Sha256.PLACEHOLDER).toList()));
        values.put(ENERGY, MetadataValue.ofFloat32(0));
        values.put(ENERGIES, MetadataValue.ofFloat32s(new float[targets]));
        return new Metadata(values);
    }

    /**
     * The metadata with what the run has found out; it keeps its size.
     *
     * @param kept     share of the delta's energy that the adapter holds, over all tensors
     * @param byTarget the same for each target
     * @param sft      SHA-256 of each file of the SFT model
     * @param aligned  of the aligned model
     * @param crc32c   checksum of each factor, in the order of {@link #specs}
     */
    public Metadata complete(double kept, float[] byTarget, List<String> sft, List<String> aligned, int[] crc32c) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        values.put(ENERGY, MetadataValue.ofFloat32((float) kept));
        values.put(ENERGIES, MetadataValue.ofFloat32s(byTarget));
        values.put(SFT_DIGESTS, MetadataValue.ofStrings(sft));
        values.put(ALIGNED_DIGESTS, MetadataValue.ofStrings(aligned));
        return Checksums.fillIn(new Metadata(values), crc32c);
    }

    /** The tensors of the file: two for each target, in their order. */
    public List<TensorSpec> specs() {
        return specs(targets);
    }

    private static List<TensorSpec> specs(List<Target> targets) {
        List<TensorSpec> specs = new ArrayList<>();
        for (Target target : targets) {
            specs.add(target.lowRankA);
            specs.add(target.lowRankB);
        }
        return specs;
    }
}
