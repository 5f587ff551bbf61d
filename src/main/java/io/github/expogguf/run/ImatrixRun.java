package io.github.expogguf.run;

import io.github.expogguf.CancelledException;
import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.imatrix.ImatrixSums;
import io.github.expogguf.imatrix.UnfinishedImatrix;
import io.github.expogguf.infer.ImatrixCollector;
import io.github.expogguf.infer.ImatrixOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.output.ImatrixFile;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Importance matrices of models that are in no file: the model is built in memory as it is before it is quantized,
 * every tensor in the type that it has in the aligned model, and reads a text. Of one GGUF file that is not changed,
 * llama.cpp loads that file itself.
 *
 * <pre>{@code
 * ImatrixSums sums = ImatrixRun.compute(
 *         pair, options, text, ImatrixOptions.defaults(), LoadOptions.defaults(), WorkOptions.defaults());
 * Imatrix imatrix = sums.imatrix(ImatrixRun.DEFAULT_NAME);
 * pair.write(options.toBuilder().imatrix(imatrix).build(), output, OutputOptions.defaults());
 * }</pre>
 */
public final class ImatrixRun {

    /** What a file of an importance matrix is called unless it has a name of its own. */
    public static final String DEFAULT_NAME = "imatrix.gguf";

    private final Extrapolator models;
    private final PlanOptions recipe;
    private final CalibrationText text;
    private final ImatrixOptions options;
    private final LoadOptions load;

    private ImatrixRun(
            Extrapolator models, PlanOptions recipe, CalibrationText text, ImatrixOptions options, LoadOptions load) {
        this.models = Objects.requireNonNull(models, "models");
        this.recipe = beforeQuantizing(Objects.requireNonNull(recipe, "recipe"));
        this.text = Objects.requireNonNull(text, "text");
        this.options = Objects.requireNonNull(options, "options");
        this.load = Objects.requireNonNull(load, "load");
    }

    /**
     * What a model reads.
     *
     * @param name which goes into the importance matrix, and from there into the metadata of models
     * @param text in the language of the model's users; a chunk or more
     */
    public record CalibrationText(String name, String text) {
        /**
         * Refuses null.
         *
         * @throws PromptException if the text is empty
         */
        public CalibrationText {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(text, "text");
            if (text.isBlank()) {
                throw new PromptException(name + ": the text is empty: there is nothing to compute importances from");
            }
        }
    }

    /**
     * Computes in memory.
     *
     * @param models  the pair, or one model; stays the caller's
     * @param recipe  what decides the weights; types of the output are not used
     * @param text    what is read
     * @param options chunks and threads
     * @param load    on which devices
     * @param how     threads that extrapolate, listener and cancellation
     * @return the sums, of which {@link ImatrixSums#imatrix} makes an importance matrix
     * @throws io.github.expogguf.InferenceException     if llama.cpp cannot run the model
     * @throws io.github.expogguf.ModelMismatchException if the models are not a pair
     * @throws io.github.expogguf.PromptException        if the text is too short
     * @throws io.github.expogguf.NonFiniteException     if a weight or an input of a matrix is NaN or infinite
     * @throws CancelledException                        if it was cancelled
     * @throws IOException                               if a file cannot be read
     */
    public static ImatrixSums compute(
            Extrapolator models,
            PlanOptions recipe,
            CalibrationText text,
            ImatrixOptions options,
            LoadOptions load,
            WorkOptions how)
            throws IOException {
        Objects.requireNonNull(how, "how");
        return new ImatrixRun(models, recipe, text, options, load).compute(Optional.empty(), (_, _) -> {}, how);
    }

    /**
     * Computes and writes the file that llama-imatrix writes for such a model. While it reads, the sums are kept beside
     * the file now and then, so that a run that was interrupted can be gone on with; the result is the same.
     *
     * @param models  the pair, or one model; stays the caller's
     * @param recipe  what decides the weights; types of the output are not used
     * @param text    what is read
     * @param options chunks and threads
     * @param load    on which devices
     * @param output  where the file goes
     * @param how     force, what to do with what an earlier run has left, threads, listener and cancellation
     * @return what is in the file
     * @throws io.github.expogguf.UnfinishedOutputException if an earlier run has left something, and is not to be gone
     *                                                      on with
     * @throws java.nio.file.FileSystemException            if the output exists and may not be replaced, or cannot be
     *                                                      written
     * @throws IOException                                  if a file cannot be read
     */
    public static ImatrixSums write(
            Extrapolator models,
            PlanOptions recipe,
            CalibrationText text,
            ImatrixOptions options,
            LoadOptions load,
            Path output,
            OutputOptions how)
            throws IOException {
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(how, "how");
        return new ImatrixRun(models, recipe, text, options, load).write(output, how);
    }

    private ImatrixSums write(Path output, OutputOptions how) throws IOException {
        NativeLibrary.load(); // its version is part of what is gone on with
        Plan plan = models.plan(recipe);
        try (ImatrixFile file =
                new ImatrixFile(output, models.opened(), plan, options, text.name() + "\n" + text.text(), how)) {
            try {
                ImatrixSums sums = compute(file.earlier(), file::keep, how.work());
                file.finish(sums);
                return sums;
            } catch (CancelledException cancelled) {
                throw file.withWhatIsKept(cancelled);
            }
        }
    }

    /** Something that is done with the sums so far. */
    @FunctionalInterface
    private interface Keeping {
        void keep(ImatrixSums sums, int chunks) throws IOException;
    }

    private ImatrixSums compute(Optional<UnfinishedImatrix> earlier, Keeping keeping, WorkOptions how)
            throws IOException {
        Optional<Path> file = wholeFile();
        if (file.isPresent()) {
            try (LlamaModel model = LlamaModel.load(file.get(), load, how.listener(), how.cancellation())) {
                return models.opened().watching(() -> collect(model, earlier, keeping, how));
            }
        }
        try (LiveModel live = LiveModel.open(models, recipe, how, load)) {
            return models.opened().watching(() -> collect(live.model(), earlier, keeping, how));
        }
    }

    private ImatrixSums collect(LlamaModel model, Optional<UnfinishedImatrix> earlier, Keeping keeping, WorkOptions how)
            throws IOException {
        try (ImatrixCollector collector = ImatrixCollector.open(model, options)) {
            return collector.collect(
                    text.name(),
                    text.text(),
                    earlier,
                    (chunks, total, sums) -> {
                        how.listener().progress(new Progress(Progress.Stage.IMATRIX, "", chunks, total));
                        try {
                            if (chunks < total) {
                                keeping.keep(sums.get(), chunks);
                            }
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    how.cancellation());
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    /** The file of a model that is read as it is. */
    private Optional<Path> wholeFile() {
        OpenModels opened = models.opened();
        boolean isOne = opened.inputs().size() == 1 && opened.aligned() instanceof GgufModel;
        return isOne && recipe.equals(PlanOptions.builder().build())
                ? opened.aligned().ggufFiles().stream().findFirst().map(GgufFile::path)
                : Optional.empty();
    }

    /** What decides the weights, and nothing that decides types. */
    private static PlanOptions beforeQuantizing(PlanOptions recipe) {
        PlanOptions.Builder builder = PlanOptions.builder()
                .alpha(recipe.alpha())
                .alphaRules(recipe.alphaRules())
                .overrides(recipe.overrides())
                .acceptedDifferences(recipe.acceptedDifferences())
                .dropMtp(recipe.dropMtp())
                .rank(recipe.rank());
        recipe.toStep().ifPresent(builder::toStep);
        return builder.build();
    }
}
