package io.github.expogguf.run;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Crc32c;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.metadata.Origins;
import io.github.expogguf.plan.metadata.RealisedMetadata;
import io.github.expogguf.plan.metadata.TensorOrigin;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.Versions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.Reused.Cause;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.StepMeasurement;
import io.github.expogguf.run.input.SameFiles;
import io.github.expogguf.run.output.UnfinishedOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An output of an earlier run, of which tensors are copied that this run would write the same. How each was computed it
 * says itself, in its {@linkplain Origins origins}: one with the same type and the same origin is the same, if the
 * versions are, and the files that its values come from. That these are the same is known by their digests when they
 * have been read, so that what was copied stands until then, and is computed after all where they are not.
 */
final class Reuse implements AutoCloseable {

    private final Path path;
    private final GgufModel old;
    private final Recipe recipe;
    private final Checksums checksums;
    private final Optional<double[]> sums;
    private final Map<String, Tensor> tensors = new HashMap<>();
    private final boolean saysOrigins;

    /**
     * A tensor of the earlier output.
     *
     * @param info   where it is
     * @param number among those of the checksums
     * @param entry  its checksum
     * @param origin how it was computed
     */
    private record Tensor(TensorInfo info, int number, Checksums.Entry entry, TensorOrigin origin) {}

    private Reuse(Path path, GgufModel old, Recipe recipe, Checksums checksums) {
        this.path = path;
        this.old = old;
        this.recipe = recipe;
        this.checksums = checksums;
        Optional<List<TensorOrigin>> origins = Origins.read(old.header().metadata());
        this.saysOrigins = origins.isPresent();
        this.sums = RealisedMetadata.sums(old.header().metadata());
        origins.ifPresent(this::addTensors);
    }

    private void addTensors(List<TensorOrigin> origins) {
        List<String> names = List.copyOf(checksums.tensors().keySet());
        requireCount(Origins.KEY, origins.size(), names.size());
        sums.ifPresent(
                all -> requireCount(RealisedMetadata.SUMS, all.length / RealisedMetadata.SUMS_OF_TENSOR, names.size()));
        Map<String, Integer> numbers = new HashMap<>();
        names.forEach(name -> numbers.put(name, numbers.size()));
        for (TensorInfo tensor : old.header().tensors()) {
            Integer number = numbers.get(tensor.name());
            if (number != null) {
                Checksums.Entry entry =
                        Objects.requireNonNull(checksums.tensors().get(tensor.name()));
                tensors.put(tensor.name(), new Tensor(tensor, number, entry, origins.get(number)));
            }
        }
    }

    private static void requireCount(String key, int count, int expected) {
        if (count != expected) {
            throw new VerificationException(key + " is of " + count + " tensors, the checksums are of " + expected);
        }
    }

    /**
     * Opens the earlier output.
     *
     * @throws IllegalArgumentException                      if it carries no recipe or no checksums
     * @throws io.github.expogguf.VerificationException     if they cannot be read
     * @throws io.github.expogguf.GgufFormatException       if it is no GGUF file, or is cut off
     */
    static Reuse open(Path path) throws IOException {
        GgufModel old = GgufModel.open(path);
        try {
            Optional<Recipe> recipe = Recipe.read(old.header().metadata());
            Optional<Checksums> checksums = Checksums.read(old.header().metadata());
            if (recipe.isEmpty() || checksums.isEmpty()) {
                throw new IllegalArgumentException(
                        path + ": no tensor can be reused: it carries no recipe and checksums (expo.*), which say how"
                                + " it was made");
            }
            return new Reuse(path, old, recipe.get(), checksums.get());
        } catch (VerificationException e) {
            old.close();
            throw new VerificationException(path + ": no tensor can be reused: " + e.getMessage());
        } catch (Throwable e) {
            old.close();
            throw e;
        }
    }

    List<SourceFile> files() {
        return old.sources();
    }

    /**
     * For one output: why a tensor is computed, by the tensors' numbers, null for those that can be taken.
     *
     * @param causes  which {@link #copy} adds damaged tensors to, and {@link #prove} those of other files
     * @param refusal why nothing can be taken
     */
    record Decision(@Nullable Cause[] causes, Optional<String> refusal) {

        boolean isTaken(int tensor) {
            return causes[tensor] == null;
        }

        long bytes(List<TensorTask> tasks) {
            return IntStream.range(0, causes.length)
                    .filter(this::isTaken)
                    .mapToLong(i -> tasks.get(i).targetBytes())
                    .sum();
        }
    }

    /** Decides by what the headers say. */
    Decision decide(Plan plan) {
        Optional<String> refusal = refusal();
        @Nullable Cause[] causes = new @Nullable Cause[plan.tasks().size()];
        List<TensorOrigin> origins = Origins.read(plan.metadata()).orElseThrow();
        for (int i = 0; i < causes.length; i++) {
            causes[i] = refusal.isPresent() ? Cause.REFUSED : cause(plan.tasks().get(i), origins.get(i));
        }
        return new Decision(causes, refusal);
    }

    private Optional<String> refusal() {
        if (Checksums.ofMetadata(old.header().metadata()) != checksums.metadata()) {
            return Optional.of("its metadata was changed since it was written");
        }
        if (!recipe.version().equals(Versions.EXPO_GGUF)) {
            return Optional.of("it was written by expo-gguf " + recipe.version());
        }
        if (!recipe.llamaCppVersion().equals(Versions.llamaCpp())) {
            return Optional.of("it was written with llama.cpp " + recipe.llamaCppVersion());
        }
        return saysOrigins
                ? Optional.empty()
                : Optional.of(
                        "it was written before files said how each of their tensors was made (" + Origins.KEY + ")");
    }

    private @Nullable Cause cause(TensorTask task, TensorOrigin now) {
        Tensor tensor = tensors.get(task.aligned().name());
        if (tensor == null || !tensor.info.shape().equals(task.aligned().shape())) {
            return Cause.MISSING;
        }
        if (tensor.info.type() != task.targetType()) {
            return Cause.TYPE;
        }
        if (!tensor.entry.fits(tensor.info)) {
            return Cause.DAMAGED;
        }
        TensorOrigin before = tensor.origin;
        if (now.adapters() != before.adapters()) {
            return Cause.ADAPTERS;
        }
        if (now.inputs() != before.inputs()) {
            return Cause.INPUTS;
        }
        if (now.alpha() != before.alpha()) {
            return Cause.ALPHA;
        }
        if (now.rounding() != before.rounding()) {
            return Cause.ROUNDING;
        }
        return now.importance() == before.importance() ? null : Cause.IMPORTANCE;
    }

    /** What is reported of a decision. */
    Reused reused(Decision decision, Plan plan) {
        Map<Cause, List<String>> computed = new EnumMap<>(Cause.class);
        for (int i = 0; i < decision.causes.length; i++) {
            Cause cause = decision.causes[i];
            if (cause != null) {
                computed.computeIfAbsent(cause, _ -> new ArrayList<>())
                        .add(plan.tasks().get(i).aligned().name());
            }
        }
        int count = (int) IntStream.range(0, decision.causes.length)
                .filter(decision::isTaken)
                .count();
        return new Reused(path, count, decision.bytes(plan.tasks()), computed, decision.refusal);
    }

    /** Works on all chunks of some tensors, on several threads, each with a buffer. */
    @FunctionalInterface
    interface ChunkWork {
        void run(ChunkReader reader, IntPredicate tensors) throws IOException;
    }

    /**
     * Copies the tensors that are taken into an output; one whose checksum is not that of when it was written is
     * damaged, and not taken.
     */
    void copy(Decision decision, List<TensorTask> tasks, UnfinishedOutput output, ChunkWork chunks) throws IOException {
        Map<Integer, TreeMap<Long, Part>> parts = new HashMap<>();
        chunks.run(
                (chunk, buffer) -> {
                    TensorInfo tensor = of(tasks.get(chunk.tensor())).info;
                    MemorySegment bytes = buffer.asSlice(0, chunk.bytes(tensor.type()));
                    old.read(tensor, chunk.offset(tensor.type()), bytes);
                    synchronized (parts) {
                        parts.computeIfAbsent(chunk.tensor(), _ -> new TreeMap<>())
                                .put(chunk.firstRow(), new Part(Crc32c.of(bytes), bytes.byteSize()));
                    }
                    if (!output.isKept(chunk)) {
                        output.take(chunk, bytes);
                    }
                },
                decision::isTaken);
        parts.forEach((number, found) -> {
            int crc32c = 0;
            for (Part part : found.values()) {
                crc32c = Crc32c.combine(crc32c, part.crc32c, part.bytes);
            }
            if (crc32c != of(tasks.get(number)).entry.crc32c()) {
                decision.causes[number] = Cause.DAMAGED;
            }
        });
    }

    /** Checksum of a chunk. */
    private record Part(int crc32c, long bytes) {}

    private Tensor of(TensorTask task) {
        return Objects.requireNonNull(tensors.get(task.aligned().name()), "not in the earlier output");
    }

    /**
     * Drops the tensors whose values come from other files than those of the earlier output.
     *
     * @param digests of the files that were read
     * @return whether a tensor, by its number, was dropped
     */
    boolean[] prove(Decision decision, Plan plan, OpenModels models, Ingredients<List<String>> digests) {
        SameFiles same = new SameFiles(models.inputs(), digests, recipe.models());
        boolean[] dropped = new boolean[decision.causes.length];
        for (int i = 0; i < dropped.length; i++) {
            if (decision.isTaken(i) && !same.hasAllOf(plan.tasks().get(i))) {
                decision.causes[i] = Cause.INPUTS;
                dropped[i] = true;
            }
        }
        return dropped;
    }

    /** Takes over what was measured of the tensors that are taken. */
    void addMeasured(Decision decision, Plan plan, StepMeasurement measured) {
        for (int i = 0; i < decision.causes.length; i++) {
            if (decision.isTaken(i) && plan.tasks().get(i) instanceof TensorTask.Extrapolate task) {
                measured.set(
                        i,
                        StepMeasurement.recorded(
                                sums.orElseThrow(),
                                of(task).number,
                                task.aligned().shape().elementCount()));
            }
        }
    }

    @Override
    public void close() throws IOException {
        old.close();
    }
}
