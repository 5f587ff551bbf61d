package io.github.expogguf.run;

import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.realised.TensorStep;
import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.AdapterSummary;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.FirstDirections;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.OwnThread;
import io.github.expogguf.run.compute.PairMeasurement;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.StepPrediction;
import io.github.expogguf.run.compute.TensorWork;
import io.github.expogguf.run.input.InputReaders;
import io.github.expogguf.run.lora.LoraOptions;
import io.github.expogguf.run.lora.LoraReport;
import io.github.expogguf.run.lora.export.LoraExport;
import io.github.expogguf.run.mixture.MixtureFit;
import io.github.expogguf.run.output.FileSystem;
import io.github.expogguf.run.output.PlannedOutput;
import io.github.expogguf.run.output.SystemFiles;
import io.github.expogguf.run.rank.DirectionPasses;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The front door: opens the models, plans, and writes.
 *
 * <pre>{@code
 * try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
 *     PlanOptions options = PlanOptions.builder().alpha(0.3f).fileType(FileType.Q4_K_M).build();
 *     ExpoReport report = pair.write(options, output, OutputOptions.defaults());
 * }
 * }</pre>
 *
 * <p>Any thread may call; several writes may run at once. Interrupting a thread inside a call that takes {@link
 * WorkOptions} or {@link OutputOptions} stops that call as its {@link Cancellation} does: it throws {@link
 * io.github.expogguf.CancelledException}, and the thread is still interrupted. Other calls are not disturbed.
 */
public final class Extrapolator implements AutoCloseable {

    private final OpenModels models;

    private Extrapolator(OpenModels models) {
        this.models = models;
    }

    /**
     * Opens a pair; each path names a GGUF file or any shard of a set. Reads the headers only, and does not compare
     * them yet. The SFT model may be a folder of Hugging Face, or a file in safetensors, too: which tensors of it are
     * those of the aligned model is found by names and values, of which a sample is read.
     *
     * @param sft     the model before alignment, any shard of it, or its folder
     * @param aligned the model after alignment, or any shard of it
     * @return the opened models, to be closed by the caller
     * @throws io.github.expogguf.GgufFormatException if a file breaks a rule of the format
     * @throws IOException                            if a file cannot be read
     */
    public static Extrapolator open(Path sft, Path aligned) throws IOException {
        return open(Ingredients.pair(sft, aligned));
    }

    /**
     * Opens a pair, or one model, with everything else that goes into the output. Where the aligned model is a folder
     * of Hugging Face, too, a {@linkplain Ingredients#withTemplate template} is needed.
     *
     * @param models the files or folders, by what they are for
     * @return the opened models, to be closed by the caller
     * @throws io.github.expogguf.GgufFormatException if a file breaks a rule of the format
     * @throws IOException                            if a file cannot be read
     * @see #open(Path, Path)
     */
    public static Extrapolator open(Ingredients<Path> models) throws IOException {
        Objects.requireNonNull(models, "models");
        return new Extrapolator(OpenModels.open(models));
    }

    /**
     * Opens one model, to quantize it without extrapolation.
     *
     * @param model a GGUF file, or any shard of a set
     * @return the opened models, to be closed by the caller
     * @throws IOException if a file cannot be read
     */
    public static Extrapolator open(Path model) throws IOException {
        return open(Ingredients.model(model));
    }

    /**
     * Decides everything and computes nothing; needs no native library.
     *
     * @param options alpha, types, and everything else that decides the output
     * @return the plan
     * @throws io.github.expogguf.ModelMismatchException   if the models are not a pair; lists every difference
     * @throws io.github.expogguf.UnsupportedTypeException if a type cannot be read or written as asked
     */
    public Plan plan(PlanOptions options) {
        return models.plan(options);
    }

    /** {@return what the adapters hold, in their order} */
    public List<AdapterSummary> adapters() {
        return models.pair().models().adapters().stream()
                .flatMap(adapter -> AdapterSummary.of(adapter.model().header(), adapter.weight()).stream())
                .toList();
    }

    /** {@return how those of the models that are folders became models of a GGUF, in their order, the aligned first} */
    public List<FolderConversion> conversions() {
        return models.inputs().stream()
                .flatMap(model -> FolderConversion.of(model).stream())
                .toList();
    }

    /**
     * Measures how the two models differ; writes nothing. Works on two models that are no pair, too, as far as their
     * tensors match.
     *
     * @param how threads, listener and cancellation
     * @return the sums of every tensor
     * @throws IllegalStateException                     if there is no SFT model
     * @throws IOException                               if a file cannot be read
     * @throws io.github.expogguf.CancelledException     if the run was cancelled
     * @throws io.github.expogguf.NativeLibraryException if llama.cpp's libraries are needed and cannot be loaded
     */
    public PairComparison compare(WorkOptions how) throws IOException {
        return compare(Set.of(), how);
    }

    /**
     * Same, with hyper-parameters that the models may have different values of.
     *
     * @param accepted keys as they stand in the files
     * @param how      threads, what hears of progress, and what stops the work
     * @return the sums of every tensor
     * @throws IOException if a file cannot be read
     * @see PlanOptions#acceptedDifferences
     */
    public PairComparison compare(Set<String> accepted, WorkOptions how) throws IOException {
        Elements.require(accepted, "accepted");
        Objects.requireNonNull(how, "how");
        return compare(OptionalLong.empty(), accepted, how);
    }

    /**
     * Elements of each tensor that tell a pair from what is none: about a second for two models of 7 billion weights.
     */
    public static final long SAMPLE_ELEMENTS = 32 * 1024;

    /**
     * Estimates how the two models differ from some rows of every tensor, evenly spread, the same ones each time.
     * Smaller tensors count in full. Counts and sums are scaled up to all weights; shares of the first singular
     * direction are left out.
     *
     * @param elementsPerTensor about how many elements of a tensor to read, always whole rows; {@link #SAMPLE_ELEMENTS}
     *                          will do
     * @param how               threads, listener and cancellation
     * @return the sums of every tensor
     * @throws IllegalArgumentException if {@code elementsPerTensor} is below 1
     * @throws IOException              if a file cannot be read
     * @see #compare
     */
    public PairComparison sample(long elementsPerTensor, WorkOptions how) throws IOException {
        Objects.requireNonNull(how, "how");
        return compare(OptionalLong.of(elementsPerTensor), Set.of(), how);
    }

    /**
     * Estimates how each checkpoint between the first and the last differs from the first, in the place of the aligned
     * model, as {@link #sample} does it of the last.
     *
     * @param elementsPerTensor about how many elements of a tensor to read; {@link #SAMPLE_ELEMENTS} will do
     * @param how               threads, listener and cancellation
     * @return one for each of these checkpoints, by their steps; none of a pair
     * @throws IllegalArgumentException if {@code elementsPerTensor} is below 1
     * @throws IOException              if a file cannot be read
     */
    public List<PairComparison> sampleBetween(long elementsPerTensor, WorkOptions how) throws IOException {
        Objects.requireNonNull(how, "how");
        return samples(models.betweenAsPairs(), elementsPerTensor, how);
    }

    /**
     * Estimates how the two models of each further delta differ, as {@link #sample} does it of the pair.
     *
     * @param elementsPerTensor about how many elements of a tensor to read; {@link #SAMPLE_ELEMENTS} will do
     * @param how               threads, listener and cancellation
     * @return one for each delta, in their order
     * @throws IllegalArgumentException if {@code elementsPerTensor} is below 1
     * @throws IOException              if a file cannot be read
     */
    public List<PairComparison> sampleDeltas(long elementsPerTensor, WorkOptions how) throws IOException {
        Objects.requireNonNull(how, "how");
        return samples(models.deltasAsPairs(), elementsPerTensor, how);
    }

    private static List<PairComparison> samples(List<OpenModels> pairs, long elementsPerTensor, WorkOptions how)
            throws IOException {
        return OwnThread.run(how.cancellation(), cancellation -> {
            List<PairComparison> comparisons = new ArrayList<>();
            for (OpenModels pair : pairs) {
                comparisons.add(new PairMeasurement(
                                pair, OptionalLong.of(elementsPerTensor), Set.of(), how.withCancellation(cancellation))
                        .run());
            }
            return comparisons;
        });
    }

    private PairComparison compare(OptionalLong sampled, Set<String> accepted, WorkOptions how) throws IOException {
        return OwnThread.run(
                how.cancellation(),
                cancellation ->
                        new PairMeasurement(models, sampled, accepted, how.withCancellation(cancellation)).run());
    }

    /**
     * Predicts how much of alpha would arrive in an output, by computing some rows of every tensor as {@link #write}
     * would; takes about a second for two models of 7 billion weights, and with a {@linkplain PlanOptions#rank rank} as
     * long as factoring all deltas does.
     *
     * @param plan a plan of these models
     * @param how  threads and cancellation
     * @return one for every tensor that would be extrapolated, to be combined by
     *     {@link io.github.expogguf.compare.realised.RealisedAlpha#of}
     * @throws io.github.expogguf.NonFiniteException     if NaN or infinity is met
     * @throws io.github.expogguf.NativeLibraryException if llama.cpp's libraries are needed and cannot be loaded
     * @throws IOException                               if a file cannot be read
     */
    public List<TensorStep> predict(Plan plan, WorkOptions how) throws IOException {
        Objects.requireNonNull(how, "how");
        return OwnThread.run(how.cancellation(), cancellation -> {
            WorkOptions work = how.withCancellation(cancellation);
            return models.watching(() -> {
                try (FirstDirections directions = new FirstDirections(models.fits())) {
                    ProgressMeter meter = new ProgressMeter(work.listener());
                    ChunkComputer computer =
                            DirectionPasses.computer(directions, models, List.of(plan.tasks()), work, meter);
                    return new StepPrediction(computer, plan, work).run(SAMPLE_ELEMENTS);
                }
            });
        });
    }

    /**
     * Finds types for the tensors so that the output keeps to a size and its model's output differs least. What every
     * tensor loses in every type that it may have is measured by quantizing a sample of its rows, and weighed by what
     * an error in such a tensor does. The same for any number of threads.
     *
     * @param options what decides the output, with a {@linkplain PlanOptions#sizeTarget size}; types that rules and
     *                options give to single tensors are kept
     * @param how     shards, threads, listener and cancellation
     * @return the options with the types, for {@link #plan} and {@link #write}
     * @throws IllegalArgumentException                    if no types make an output of that size, or none is to be
     *                                                     chosen
     * @throws io.github.expogguf.UnsupportedTypeException if a type needs an importance matrix, and there is none
     * @throws io.github.expogguf.NonFiniteException       if a tensor or a result holds NaN or infinity
     * @throws io.github.expogguf.CancelledException       if it was cancelled
     * @throws io.github.expogguf.NativeLibraryException   if llama.cpp's libraries are needed and cannot be loaded
     * @throws IOException                                 if a file cannot be read
     */
    public SizedMixture mixture(PlanOptions options, OutputOptions how) throws IOException {
        return mixture(options, how, Optional.empty());
    }

    /** @param effects what measures what an error does; nothing where fixed weights by kind of tensor are to do */
    SizedMixture mixture(PlanOptions options, OutputOptions how, Optional<MixtureFit.EffectSource> effects)
            throws IOException {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(how, "how");
        NativeLibrary.loadIfAny(); // its version is in the header
        return OwnThread.run(how.work().cancellation(), cancellation -> {
            MixtureFit fit = new MixtureFit(models, options, plan -> outputBytes(plan, how), effects);
            MixtureFit.Found found = fit.find(how.work().withCancellation(cancellation));
            List<SizedMixture.Chosen> tensors = found.choices().stream()
                    .map(choice -> new SizedMixture.Chosen(
                            choice.name(),
                            choice.offer().type(),
                            choice.error(),
                            choice.offer().loss()))
                    .toList();
            return new SizedMixture(found.plan().options(), found.bytes(), tensors);
        });
    }

    /**
     * Finds the lines that the tensors of checkpoints followed; reads all of every checkpoint, once for as long as they
     * are open.
     *
     * @param plan a plan of these models
     * @param how  threads, listener and cancellation
     * @return one for every tensor that would be predicted, by name, in their order; none of a pair
     * @throws io.github.expogguf.NonFiniteException     if a difference from the first checkpoint holds NaN or infinity
     * @throws io.github.expogguf.CancelledException     if it was cancelled
     * @throws io.github.expogguf.NativeLibraryException if llama.cpp's libraries are needed and cannot be loaded
     * @throws IOException                               if a file cannot be read
     */
    public Map<String, TrajectoryFit> fit(Plan plan, WorkOptions how) throws IOException {
        Objects.requireNonNull(plan, "plan");
        Objects.requireNonNull(how, "how");
        return OwnThread.run(how.cancellation(), cancellation -> {
            WorkOptions work = how.withCancellation(cancellation);
            return models.watching(
                    () -> DirectionPasses.fit(models, plan.tasks(), work, new ProgressMeter(work.listener())));
        });
    }

    /**
     * Says that plans will soon be written: the SIMD code for their types is made ready in the background while the
     * caller does something else. {@link #write} does so, too; saying it earlier saves a second or two.
     *
     * @param plans plans of the same models
     * @throws io.github.expogguf.NativeLibraryException if llama.cpp's libraries are needed and cannot be loaded
     */
    public void announce(List<Plan> plans) {
        Elements.require(plans, "plans");
        plans.forEach(plan -> TensorWork.announce(plan.tasks()));
    }

    /**
     * {@return bytes of the file or files that {@link #write} would write, headers and padding included}
     *
     * @param plan a plan of the same models
     * @param how  whether an existing file is replaced, shards, threads, what hears of progress, and what stops the run
     */
    public long outputBytes(Plan plan, OutputOptions how) {
        Objects.requireNonNull(how, "how");
        return OutputShards.of(models.aligned(), plan, Path.of("output.gguf"), how)
                .totalBytes();
    }

    /**
     * Looks which tensors {@link #write} would copy from an output of an earlier run, if that was made of these very
     * files, which only reading them tells, and is not damaged.
     *
     * @param plan a plan of the same models
     * @param old  the earlier output, or any shard of it
     * @return what would be copied
     * @throws IllegalArgumentException                 if it does not say how it was made
     * @throws io.github.expogguf.VerificationException if what it says cannot be read
     * @throws IOException                              if it cannot be read
     */
    public Reused reusable(Plan plan, Path old) throws IOException {
        Objects.requireNonNull(plan, "plan");
        try (Reuse reuse = Reuse.open(Objects.requireNonNull(old, "old"))) {
            return reuse.reused(reuse.decide(plan), plan);
        }
    }

    /**
     * {@return bytes of off-heap buffers that {@link #write} uses, whatever the size of the models}
     *
     * @param plan a plan of the same models
     * @param how  threads, what hears of progress, and what stops the work
     */
    public long bufferBytes(Plan plan, WorkOptions how) {
        Objects.requireNonNull(how, "how");
        return Math.addExact(
                InputReaders.memoryBytes(models.ingredients(), how.threads()),
                Math.multiplyExact(how.threads(), DirectionPasses.memoryBytes(plan.tasks())));
    }

    /** {@return the files that each model is read from; a folder's own, with those of its template behind them} */
    public Ingredients<List<Path>> files() {
        return models.ingredients()
                .map(model -> model.sources().stream().map(SourceFile::path).toList());
    }

    /**
     * {@return bytes of all files of the models, headers included, which {@link #write} reads once} A rank below the
     * whole and checkpoints take further passes.
     */
    public long inputBytes() {
        return models.inputs().stream()
                .flatMap(model -> model.sources().stream())
                .mapToLong(SourceFile::bytes)
                .sum();
    }

    /**
     * {@return bytes of tensors that {@link #write} reads a second time, since they do not stand in the order of the
     * aligned model's, or in that of its tokens}
     *
     * @param plan a plan of the same models
     * @param how  threads, what hears of progress, and what stops the work
     */
    public long repeatedBytes(Plan plan, WorkOptions how) {
        Objects.requireNonNull(plan, "plan");
        Objects.requireNonNull(how, "how");
        return InputReaders.apartBytes(models.ingredients(), List.of(plan.tasks()), how.threads());
    }

    /**
     * {@return bytes of the temporary file that {@link #write} keeps the factors of deltas of low rank in, in the
     * directory of the system property {@code java.io.tmpdir}; 0 without a {@linkplain PlanOptions#rank rank}}
     *
     * @param plan a plan of the same models
     */
    public long temporaryBytes(Plan plan) {
        Objects.requireNonNull(plan, "plan");
        return DirectionPasses.temporaryBytes(plan.tasks());
    }

    /**
     * Computes and writes the output: beside its place ({@code .NAME.expo-partial}, with {@code .NAME.expo-journal},
     * which is locked), flushed, verified, then moved there. An existing output stays as it was until then. Whatever
     * fails, nothing is left behind, unless the options ask to {@linkplain Unfinished#RESUME resume}. What a process
     * that was killed leaves is reported by the next run, or resumed, or removed, as the options say.
     *
     * <p>The output is a new file with the permissions of any new file. In the place of a symbolic link it replaces the
     * link, not what that leads to; other hard links of a file that it replaces stay with the old contents. The files
     * of a set move one by one, the first one last; if that one was there before, it is removed first, so that no
     * mixture of two sets loads.
     *
     * @param options alpha, types, and everything else that decides the output
     * @param output  where the file goes
     * @param how     whether an existing file is replaced, shards, threads, what hears of progress, and what stops the
     *                run
     * @return what was written, and what was found out about it
     * @throws java.nio.file.FileAlreadyExistsException     if the output exists and may not be replaced
     * @throws io.github.expogguf.UnfinishedOutputException if there is a partial output of an earlier run that is not
     *                                                      to be removed, or does not fit, or if this run leaves one
     * @throws io.github.expogguf.OutputInUseException      if another run is writing the output
     * @throws java.nio.file.FileSystemException            if a disk has no room
     * @throws IllegalArgumentException                     if the output is one of the inputs
     * @throws io.github.expogguf.NonFiniteException        if a tensor or a result holds NaN or infinity
     * @throws io.github.expogguf.CancelledException        if the run was cancelled
     * @throws io.github.expogguf.NativeLibraryException    if llama.cpp's libraries cannot be loaded, or there are none
     *                                                      and a type needs them
     */
    public ExpoReport write(PlanOptions options, Path output, OutputOptions how) throws IOException {
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(how, "how");
        return writeAll(List.of(new Output(options, output)), how).getFirst();
    }

    /**
     * One of several outputs.
     *
     * @param options what decides its values and types
     * @param path    where it goes
     */
    public record Output(PlanOptions options, Path path) {
        /** Refuses null. */
        public Output {
            Objects.requireNonNull(options, "options");
            Objects.requireNonNull(path, "path");
        }
    }

    /**
     * Computes and writes several outputs, other alphas or other types, and reads and dequantizes the models once for
     * all. All are complete and verified before the first is moved to its place.
     *
     * @param outputs one or more, with different paths
     * @param how     whether an existing file is replaced, shards, threads, what hears of progress, and what stops the
     *                run
     * @return one report each, in their order
     * @throws IOException if a file cannot be read or written
     * @see #write
     */
    public List<ExpoReport> writeAll(List<Output> outputs, OutputOptions how) throws IOException {
        Elements.require(outputs, "outputs");
        Objects.requireNonNull(how, "how");
        return writeAll(outputs, how, SystemFiles.INSTANCE);
    }

    List<ExpoReport> writeAll(List<Output> outputs, OutputOptions how, FileSystem fileSystem) throws IOException {
        if (outputs.isEmpty() || outputs.stream().map(Output::path).distinct().count() < outputs.size()) {
            throw new IllegalArgumentException("two outputs, or none, under one name");
        }
        if (outputs.stream()
                        .map(output -> output.options().dropMtp())
                        .distinct()
                        .count()
                > 1) {
            throw new IllegalArgumentException(
                    "outputs with and without blocks for multi-token prediction in one pass");
        }
        NativeLibrary.loadIfAny(); // its version is part of what is planned
        List<PlannedOutput> planned = new ArrayList<>();
        for (Output output : outputs) {
            Plan plan = plan(withTypes(output.options(), how));
            TensorWork.requireCodecs(plan.tasks());
            planned.add(new PlannedOutput(plan, OutputShards.of(models.aligned(), plan, output.path(), how)));
        }
        return OwnThread.run(
                how.work().cancellation(),
                cancellation -> new ExpoRun(models, planned, how.withCancellation(cancellation), fileSystem).execute());
    }

    private PlanOptions withTypes(PlanOptions options, OutputOptions how) throws IOException {
        boolean isLookedFor =
                options.sizeTarget().isPresent() && options.fileType().isEmpty();
        return isLookedFor ? mixture(options, how).options() : options;
    }

    /**
     * Writes the delta of the pair as a LoRA adapter for the aligned model: llama.cpp's
     * {@code --lora-scaled FILE:alpha} then adds alpha times the delta, as far as the rank holds it. On the SFT model
     * the weight is 1 + alpha. Each matrix is factored by a randomised singular value decomposition; the factors depend
     * neither on the threads nor on chance. Written as safely as {@link #write} does, but not to be resumed.
     *
     * @param options rank and type of the factors
     * @param output  where the adapter goes
     * @param how     force, threads, listener and cancellation
     * @return what was written, and how much of the delta is in it
     * @throws IllegalStateException                       if there is no SFT model
     * @throws IllegalArgumentException                    if the output is one of the inputs, the rank out of bounds,
     *                                                     or there is more than a pair
     * @throws io.github.expogguf.ModelMismatchException   if the models are not a pair
     * @throws io.github.expogguf.UnsupportedTypeException if no tensor has a delta that an adapter could hold
     * @throws io.github.expogguf.NonFiniteException       if a delta holds NaN or infinity, or a factor does not fit
     *                                                     its type
     * @throws java.nio.file.FileSystemException           if the output exists and may not be replaced, or its disk has
     *                                                     no room
     */
    public LoraReport exportLora(LoraOptions options, Path output, OutputOptions how) throws IOException {
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(how, "how");
        if (models.ingredients().trajectory().isPresent()) {
            throw new IllegalArgumentException("an adapter is exported from a pair, and not from three checkpoints");
        }
        if (!models.ingredients().further().isEmpty()) {
            throw new IllegalArgumentException(
                    "an adapter is exported from a pair alone, without adapters and further deltas");
        }
        return OwnThread.run(
                how.work().cancellation(),
                cancellation -> new LoraExport(models, options, output, how.withCancellation(cancellation)).execute());
    }

    /**
     * {@return bytes of buffers that {@link #exportLora} uses at most}
     *
     * @param options rank, type, and which tensors
     * @param how     threads, what hears of progress, and what stops the work
     */
    public long loraBufferBytes(LoraOptions options, WorkOptions how) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(how, "how");
        return LoraExport.bufferBytes(plan(options.planOptions()), options.rank(), how.threads());
    }

    /** What is behind the door, for what works with a pair over time. */
    OpenModels opened() {
        return models;
    }

    @Override
    public void close() throws IOException {
        models.close();
    }
}
