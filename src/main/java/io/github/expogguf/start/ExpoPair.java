package io.github.expogguf.start;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** Two models to extrapolate from, and what the result is to be. Every method gives another; none changes this one. */
public final class ExpoPair {

    private final Ingredients<Path> models;
    private final PlanOptions plan;
    private final OutputOptions how;

    private ExpoPair(Ingredients<Path> models, PlanOptions plan, OutputOptions how) {
        this.models = models;
        this.plan = plan;
        this.how = how;
    }

    static ExpoPair of(Path sft, Path aligned) {
        return new ExpoPair(Ingredients.pair(sft, aligned), PlanOptions.defaults(), OutputOptions.defaults());
    }

    /**
     * With a GGUF of the same model, of any type, which is needed where the aligned model is a folder of Hugging Face:
     * metadata, tokenizer and layout come from it, no weight.
     *
     * @param template a GGUF file, or any shard of a set
     * @return the same pair, with this template
     */
    public ExpoPair template(Path template) {
        return new ExpoPair(models.withTemplate(template), plan, how);
    }

    /**
     * With this weight of the difference; 0, as without a word, gives the aligned model.
     *
     * @param alpha weight of the delta, finite
     * @return the same pair, with this alpha
     */
    public ExpoPair alpha(float alpha) {
        return with(plan.withAlpha(alpha));
    }

    /**
     * In this mixture of types; without a word every tensor keeps the type that it has in the aligned model.
     *
     * @param fileType a mixture of types, by llama-quantize's name where it is a text
     * @return the same pair, in this mixture
     */
    public ExpoPair fileType(FileType fileType) {
        return with(plan.withFileType(fileType));
    }

    /**
     * Same, by name, as in {@code Q4_K_M}.
     *
     * @param fileType a mixture of types, by llama-quantize's name where it is a text
     * @return the same pair, in this mixture
     * @throws IllegalArgumentException if there is none of that name
     */
    public ExpoPair fileType(String fileType) {
        return with(plan.toBuilder().fileType(fileType).build());
    }

    /**
     * With all that can be said of a result, alpha and types included.
     *
     * @param plan alpha, types, rules and the rest
     * @return the same pair, with these options
     */
    public ExpoPair with(PlanOptions plan) {
        return new ExpoPair(models, Objects.requireNonNull(plan, "plan"), how);
    }

    /**
     * Written like this: over an existing file, in shards, watched, stopped.
     *
     * @param how whether an existing file is replaced, shards, threads, what hears of progress, and what stops the run
     * @return the same pair, with these options
     */
    public ExpoPair with(OutputOptions how) {
        return new ExpoPair(models, plan, Objects.requireNonNull(how, "how"));
    }

    /**
     * Writes the result and reads it again to be sure. The file is there complete or not at all.
     *
     * @param output does not exist yet, unless {@link OutputOptions#force} says that it may
     * @return what was written, and what was found out about it
     * @throws io.github.expogguf.ExpoException if the models are no pair, or a file is not what it should be
     * @throws IOException                      if a file cannot be read or written
     */
    public ExpoReport write(Path output) throws IOException {
        Objects.requireNonNull(output, "output");
        try (Extrapolator pair = Extrapolator.open(models)) {
            return pair.write(plan, output, how);
        }
    }
}
