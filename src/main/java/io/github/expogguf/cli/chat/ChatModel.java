package io.github.expogguf.cli.chat;

import io.github.expogguf.cli.report.Refusal;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.cli.report.TooFar;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LogitGuide;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What answers in a chat, and what of it can be changed meanwhile. */
sealed interface ChatModel extends AutoCloseable {

    /** The same for life. */
    LlamaModel model();

    /** Weight of the delta; empty where no pair is behind the model. */
    Optional<Float> alpha();

    /**
     * Changes the weights. If that fails, the model is good for nothing until a call succeeds.
     *
     * @throws IllegalArgumentException if there is no pair
     */
    void setAlpha(float value, WorkOptions work) throws IOException;

    /** Why an alpha is refused unless the user insists; empty where nothing speaks against it. */
    default Optional<TooFar> tooFar(float alpha) {
        return Optional.empty();
    }

    /** Why the model is not to be saved by a recipe; empty where nothing speaks against it, or the user insists. */
    default Optional<Refusal> refusal(PlanOptions recipe, boolean insists, WorkOptions work) throws IOException {
        return Optional.empty();
    }

    /** The recipe of the model as it is now. */
    PlanOptions recipe();

    /**
     * Writes the model.
     *
     * @throws IllegalArgumentException if it is a file already
     */
    ExpoReport save(PlanOptions recipe, Path output, OutputOptions how) throws IOException;

    @Override
    void close() throws IOException;

    /**
     * A file, as it is.
     *
     * @param fileBytes of all its shards
     */
    record OfFile(LlamaModel model, long fileBytes) implements ChatModel {

        @Override
        public Optional<Float> alpha() {
            return Optional.empty();
        }

        @Override
        public void setAlpha(float value, WorkOptions work) {
            throw new IllegalArgumentException(
                    "alpha needs a pair: begin with --sft and --aligned instead of " + model.name());
        }

        @Override
        public PlanOptions recipe() {
            return PlanOptions.builder().build();
        }

        @Override
        public ExpoReport save(PlanOptions recipe, Path output, OutputOptions how) {
            throw new IllegalArgumentException(model.name() + " is a file already; 'expo-gguf quantize' writes it in"
                    + " another type, and with --sft and --aligned there is an extrapolated model to save");
        }

        @Override
        public void close() {
            model.close();
        }
    }

    /** Two models whose logits are extrapolated, or three of which two steer the other. */
    record OfLogits(ExtrapolatedModel live) implements ChatModel {

        @Override
        public LlamaModel model() {
            return live.model();
        }

        @Override
        public Optional<Float> alpha() {
            return Optional.of(live.alpha());
        }

        @Override
        public void setAlpha(float value, WorkOptions work) throws IOException {
            live.setAlpha(value, work);
        }

        @Override
        public PlanOptions recipe() {
            return PlanOptions.builder().alpha(live.alpha()).build();
        }

        @Override
        public ExpoReport save(PlanOptions recipe, Path output, OutputOptions how) {
            throw new IllegalArgumentException("logits make no model that could be saved; "
                    + (live instanceof LogitGuide
                            ? "a guide steers every answer anew"
                            : "'expo-gguf extrapolate' writes weights at an alpha, and 'expo-gguf chat' without"
                                    + " --logits talks with them"));
        }

        @Override
        public void close() {
            live.close();
        }
    }

    /**
     * A model in memory.
     *
     * @param isPair whether it is extrapolated; else one model in another type
     * @param refusals of the models, as far as somebody looked at them
     * @param start  the recipe that it was opened with
     */
    record InMemory(Extrapolator models, boolean isPair, Refusals refusals, PlanOptions start, LiveModel live)
            implements ChatModel {

        private static final String ROOMIER = "'/save OUT.gguf %s'";

        @Override
        public LlamaModel model() {
            return live.model();
        }

        @Override
        public Optional<Float> alpha() {
            return isPair ? Optional.of(live.alpha()) : Optional.empty();
        }

        @Override
        public void setAlpha(float value, WorkOptions work) throws IOException {
            if (!isPair) {
                throw new IllegalArgumentException(
                        "alpha needs a pair: begin with --sft and --aligned instead of one model");
            }
            live.setAlpha(value, work);
        }

        @Override
        public Optional<TooFar> tooFar(float alpha) {
            return isPair ? refusals.distanceOf(models.plan(start.withAlpha(alpha))) : Optional.empty();
        }

        @Override
        public Optional<Refusal> refusal(PlanOptions recipe, boolean insists, WorkOptions work) throws IOException {
            Plan plan = models.plan(recipe);
            if (isPair) {
                return refusals.ofTried(plan, ROOMIER, insists, work);
            }
            return insists ? Optional.empty() : Refusals.ofRequantizing(List.of(plan));
        }

        @Override
        public PlanOptions recipe() {
            return start.withAlpha(live.alpha());
        }

        @Override
        public ExpoReport save(PlanOptions recipe, Path output, OutputOptions how) throws IOException {
            return models.write(recipe, output, how);
        }

        @Override
        public void close() throws IOException {
            try (models) {
                live.close();
            }
        }
    }
}
