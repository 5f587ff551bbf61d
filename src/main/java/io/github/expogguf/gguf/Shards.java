package io.github.expogguf.gguf;

import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Escape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The file or files of an output, in order. All metadata stands in the first; each shard of a set says which it is,
 * under the keys of {@link SplitNames}. The alignment that the metadata states holds for the first file alone, since
 * the others do not carry it; they use 32.
 *
 * @param files one or more files that together hold every tensor, in order
 */
public record Shards(List<Shard> files) {

    /**
     * One file.
     *
     * @param path        where it goes
     * @param layout      its contents
     * @param firstTensor index, among all tensors, of the first tensor of this file; the others follow
     */
    public record Shard(Path path, GgufLayout layout, int firstTensor) {
        /** Refuses null. */
        public Shard {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(layout, "layout");
        }

        /** {@return the number of tensors in this file; a first shard may have none} */
        public int tensorCount() {
            return layout.tensors().size();
        }
    }

    /** Copies the list. */
    public Shards {
        files = Elements.copy(files, "files");
    }

    /**
     * {@return one file under the given name; {@code split.*} keys are left out}
     *
     * @param output   where the file goes
     * @param metadata metadata of a model's file
     * @param tensors  in the order of their data
     */
    public static Shards single(Path output, Metadata metadata, List<TensorSpec> tensors) {
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(metadata, "metadata");
        Elements.require(tensors, "tensors");
        return new Shards(List.of(new Shard(output, GgufLayout.of(withoutSplitKeys(metadata), tensors), 0)));
    }

    /**
     * {@return shards of limited size, cut where {@code llama-gguf-split --split-max-size} cuts: a tensor that would
     * bring the padded tensor data of a shard above the limit begins the next} The header comes on top, and a tensor
     * larger than the limit has a shard of its own (llama-gguf-split gives up if that is the first tensor).
     *
     * @param output   {@code PREFIX.gguf} or {@code PREFIX}; the files are {@code PREFIX-00001-of-0000N.gguf}
     * @param metadata metadata of a model's file
     * @param tensors  in the order of their data
     * @param maxBytes most bytes of tensor data of a shard, at least 1
     * @throws IllegalArgumentException if that makes more than 65,535 shards
     */
    public static Shards ofMaxBytes(Path output, Metadata metadata, List<TensorSpec> tensors, long maxBytes) {
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(metadata, "metadata");
        Elements.require(tensors, "tensors");
        if (maxBytes < 1) {
            throw new IllegalArgumentException("shards of " + maxBytes + " bytes, expected at least 1");
        }
        int firstAlignment = GgufLayout.alignment(metadata);
        List<Integer> counts = new ArrayList<>();
        int count = 0;
        long bytes = 0;
        for (TensorSpec tensor : tensors) {
            int alignment = counts.isEmpty() ? firstAlignment : GgufLimits.DEFAULT_ALIGNMENT;
            long tensorBytes = paddedBytes(tensor, alignment);
            if (count > 0 && Math.addExact(bytes, tensorBytes) > maxBytes) {
                counts.add(count);
                count = 0;
                bytes = 0;
                tensorBytes = paddedBytes(tensor, GgufLimits.DEFAULT_ALIGNMENT);
            }
            count++;
            bytes = Math.addExact(bytes, tensorBytes);
        }
        counts.add(count);
        return set(output, metadata, tensors, counts);
    }

    /**
     * {@return shards with the given numbers of tensors, for an output that is split like an input:
     * {@code model.files()} gives the counts} One count gives one file under the output's own name.
     *
     * @param output       {@code PREFIX.gguf} or {@code PREFIX}
     * @param metadata     metadata of a model's file
     * @param tensors      in the order of their data
     * @param tensorCounts tensors of each file; their sum is the number of tensors
     */
    public static Shards ofTensorCounts(
            Path output, Metadata metadata, List<TensorSpec> tensors, List<Integer> tensorCounts) {
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(metadata, "metadata");
        Elements.require(tensors, "tensors");
        Elements.require(tensorCounts, "tensorCounts");
        int sum = tensorCounts.stream().reduce(0, Math::addExact);
        if (sum != tensors.size() || tensorCounts.isEmpty() || Collections.min(tensorCounts) < 0) {
            throw new IllegalArgumentException("shards of " + tensorCounts + " tensors for " + tensors.size());
        }
        return tensorCounts.size() == 1
                ? single(output, metadata, tensors)
                : set(output, metadata, tensors, tensorCounts);
    }

    private static Shards set(Path output, Metadata metadata, List<TensorSpec> tensors, List<Integer> counts) {
        if (counts.size() > SplitNames.MAX_SHARDS) {
            throw new IllegalArgumentException(counts.size() + " shards, expected at most " + SplitNames.MAX_SHARDS);
        }
        Set<String> names = HashSet.newHashSet(tensors.size());
        for (TensorSpec tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("tensor " + Escape.quote(tensor.name()) + " appears twice");
            }
        }
        String prefix = SplitNames.outputPrefix(output);
        List<Shard> files = new ArrayList<>(counts.size());
        int first = 0;
        for (int number = 0; number < counts.size(); number++) {
            Metadata own = shardMetadata(metadata, number, counts.size(), tensors.size());
            int next = first + counts.get(number);
            Path path = output.resolveSibling(SplitNames.shardName(prefix, number, counts.size()));
            files.add(new Shard(path, GgufLayout.of(own, tensors.subList(first, next)), first));
            first = next;
        }
        return new Shards(files);
    }

    /**
     * {@return the same files with other metadata of the same length; see {@link GgufLayout#withMetadata}}
     *
     * @param replacement of the same length when encoded
     */
    public Shards withMetadata(Metadata replacement) {
        Objects.requireNonNull(replacement, "replacement");
        Shard first = files.getFirst();
        Metadata own = isSplit(first)
                ? shardMetadata(replacement, 0, files.size(), tensorCount())
                : withoutSplitKeys(replacement);
        List<Shard> replaced = new ArrayList<>(files);
        replaced.set(0, new Shard(first.path(), first.layout().withMetadata(own), 0));
        return new Shards(replaced);
    }

    /** {@return tensors of all files} */
    public int tensorCount() {
        return files.stream().mapToInt(Shard::tensorCount).sum();
    }

    /** {@return bytes of all files} */
    public long totalBytes() {
        return files.stream().mapToLong(file -> file.layout().fileBytes()).reduce(0, Math::addExact);
    }

    private static boolean isSplit(Shard first) {
        return first.layout().metadata().get(SplitNames.COUNT_KEY).isPresent();
    }

    private static long paddedBytes(TensorSpec tensor, int alignment) {
        long bytes = Math.multiplyExact(
                tensor.type().rowBytes(tensor.shape().rowLength()),
                tensor.shape().rowCount());
        return GgufLimits.pad(bytes, alignment);
    }

    private static Metadata shardMetadata(Metadata metadata, int number, int count, int tensorCount) {
        Map<String, MetadataValue> pairs =
                new LinkedHashMap<>(number == 0 ? withoutSplitKeys(metadata).asMap() : Map.of());
        pairs.put(SplitNames.NUMBER_KEY, MetadataValue.ofInteger(MetadataType.UINT16, number));
        pairs.put(SplitNames.COUNT_KEY, MetadataValue.ofInteger(MetadataType.UINT16, count));
        pairs.put(SplitNames.TENSORS_KEY, MetadataValue.ofInteger(MetadataType.INT32, tensorCount));
        return new Metadata(pairs);
    }

    private static Metadata withoutSplitKeys(Metadata metadata) {
        Map<String, MetadataValue> pairs = new LinkedHashMap<>(metadata.asMap());
        pairs.remove(SplitNames.NUMBER_KEY);
        pairs.remove(SplitNames.COUNT_KEY);
        pairs.remove(SplitNames.TENSORS_KEY);
        return new Metadata(pairs);
    }
}
