package io.github.expogguf.run;

import io.github.expogguf.ExpoException;
import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Crc32c;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.plan.recipe.Versions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.run.Reused.Cause;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.output.UnfinishedOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
 * An output of an earlier run, of which tensors are copied that this run would write the same. What it was made by is
 * told by its recipe, which is planned again with the models that are open: a tensor with the same task is the same, if
 * the versions are, and the models. That these are the same files is known by their digests when they have been read,
 * so that what was copied stands until then, and is computed after all where they are not.
 */
final class Reuse implements AutoCloseable {

    private final Path path;
    private final GgufModel old;
    private final Recipe recipe;
    private final Checksums checksums;
    private final Map<String, TensorInfo> tensors = new HashMap<>();

    private Reuse(Path path, GgufModel old, Recipe recipe, Checksums checksums) {
        this.path = path;
        this.old = old;
        this.recipe = recipe;
        this.checksums = checksums;
        old.header().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
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
     * @param causes  which {@link #copy} adds damaged tensors to
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
    Decision decide(Plan plan, OpenModels models) {
        Optional<String> refusal = refusal(models);
        @Nullable Cause[] causes = new @Nullable Cause[plan.tasks().size()];
        Map<String, TensorTask> before = new HashMap<>();
        if (refusal.isEmpty()) {
            try {
                models.plan(options(plan.options()))
                        .tasks()
                        .forEach(task -> before.put(task.aligned().name(), task));
            } catch (ExpoException | IllegalArgumentException e) {
                refusal = Optional.of("what it was made by cannot be planned with these models: " + e.getMessage());
            }
        }
        boolean isSameImatrix = hasSameImatrix(plan.options());
        for (int i = 0; i < causes.length; i++) {
            TensorTask task = plan.tasks().get(i);
            causes[i] = refusal.isPresent()
                    ? Cause.REFUSED
                    : cause(task, before.get(task.aligned().name()), isSameImatrix);
        }
        return new Decision(causes, refusal);
    }

    private Optional<String> refusal(OpenModels models) {
        if (Checksums.ofMetadata(old.header().metadata()) != checksums.metadata()) {
            return Optional.of("its metadata was changed since it was written");
        }
        if (!recipe.version().equals(Versions.EXPO_GGUF)) {
            return Optional.of("it was written by expo-gguf " + recipe.version());
        }
        if (!recipe.llamaCppVersion().equals(Versions.llamaCpp())) {
            return Optional.of("it was written with llama.cpp " + recipe.llamaCppVersion());
        }
        boolean isSameKind = recipe.models()
                .map(model -> model.digests().size())
                .equals(models.ingredients().map(model -> model.sources().size()));
        return isSameKind ? Optional.empty() : Optional.of(otherModels());
    }

    private static String otherModels() {
        return "it was made of other models";
    }

    /** Nothing is taken, since the models turned out to be others. */
    static Decision refused(Decision before) {
        @Nullable Cause[] causes = new @Nullable Cause[before.causes.length];
        Arrays.fill(causes, Cause.REFUSED);
        return new Decision(causes, Optional.of(otherModels()));
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

    /**
     * What the earlier output was planned with. Which importances it had is known where it had none, or those of this
     * run; tensors whose bytes depend on them are not taken else.
     */
    private PlanOptions options(PlanOptions now) {
        PlanOptions options = recipe.optionsWithoutImatrix();
        return recipe.usesImatrix() && now.imatrix().isPresent()
                ? options.toBuilder().imatrix(now.imatrix().get()).build()
                : options;
    }

    private boolean hasSameImatrix(PlanOptions now) {
        Optional<String> digest = now.imatrix().flatMap(Imatrix::source).map(Imatrix.Source::sha256);
        return recipe.usesImatrix() && digest.isPresent() && digest.equals(recipe.imatrixDigest());
    }

    private @Nullable Cause cause(TensorTask now, @Nullable TensorTask before, boolean isSameImatrix) {
        TensorInfo tensor = tensors.get(now.aligned().name());
        if (tensor == null
                || before == null
                || !tensor.shape().equals(now.aligned().shape())) {
            return Cause.MISSING;
        }
        if (tensor.type() != now.targetType() || before.targetType() != now.targetType()) {
            return Cause.TYPE;
        }
        Checksums.Entry entry = checksums.tensors().get(tensor.name());
        if (entry == null || !entry.fits(tensor)) {
            return Cause.DAMAGED;
        }
        if (WeightTypes.readsImportance(now.targetType())) {
            boolean isSame = before.usesImportance() ? isSameImatrix : isSameImatrix || !recipe.usesImatrix();
            if (!isSame || before.usesImportance() != now.usesImportance()) {
                return Cause.IMPORTANCE;
            }
        }
        return withoutImportance(now).equals(withoutImportance(before)) ? null : Cause.VALUES;
    }

    private static TensorTask withoutImportance(TensorTask task) {
        return switch (task) {
            case TensorTask.Copy copy -> copy;
            case TensorTask.Convert convert -> new TensorTask.Convert(convert.aligned(), convert.targetType(), false);
            case TensorTask.Extrapolate pair ->
                new TensorTask.Extrapolate(pair.operands(), pair.alpha(), pair.targetType(), false, pair.rounding());
        };
    }

    /** Works on all chunks of some tensors, on several threads, each with a buffer. */
    @FunctionalInterface
    interface ChunkWork {
        void run(ChunkReader reader, IntPredicate tensors) throws IOException;
    }

    /**
     * Copies the tensors that are taken into an output; one whose checksum is not that of when it was written is
     * dropped again.
     */
    void copy(Decision decision, List<TensorTask> tasks, UnfinishedOutput output, ChunkWork chunks) throws IOException {
        Map<Integer, TreeMap<Long, Part>> parts = new HashMap<>();
        chunks.run(
                (chunk, buffer) -> {
                    TensorInfo tensor = of(tasks.get(chunk.tensor()));
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
            if (crc32c != entry(of(tasks.get(number))).crc32c()) {
                decision.causes[number] = Cause.DAMAGED;
            }
        });
        output.dropTaken(tensor -> !decision.isTaken(tensor));
    }

    /** Checksum of a chunk. */
    private record Part(int crc32c, long bytes) {}

    private TensorInfo of(TensorTask task) {
        return Objects.requireNonNull(tensors.get(task.aligned().name()), "not in the earlier output");
    }

    private Checksums.Entry entry(TensorInfo tensor) {
        return Objects.requireNonNull(checksums.tensors().get(tensor.name()), "no checksum");
    }

    /** Whether the files that were read are those that the earlier output was made of. */
    boolean isProven(Ingredients<List<String>> digests) {
        return recipe.models().map(RecordedModel::digests).equals(digests);
    }

    @Override
    public void close() throws IOException {
        old.close();
    }
}
