package io.github.expogguf.infer;

import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Lets a small pair steer a large model of the same family: for every token the logit {@code model + alpha * (aligned -
 * sft)}, where the last two are the pair's. That is proxy tuning (arXiv 2401.08565) with the factor of ThinkLogit
 * (arXiv 2510.09354). The three models may be of any type, as they were downloaded; all are in memory, and all compute
 * every token.
 *
 * <pre>{@code
 * try (LogitGuide guide = LogitGuide.open(large, smallSft, smallAligned, 1, LoadOptions.defaults());
 *         LlamaContext context = LlamaContext.open(guide.model(), ContextOptions.defaults())) {
 *     context.generate(prompt, GenerationOptions.greedy(64));
 * }
 * }</pre>
 *
 * <p>The arithmetic is that of 32-bit floats, in the order of the formula. At alpha 0 the pair computes nothing, and
 * the answers are the model's. The model tokenizes; its tokens are looked up in both of the pair by their text, and one
 * that is not in both keeps the model's logit, as {@link LogitPair} does it.
 *
 * <p>Safe for any thread.
 */
public final class LogitGuide extends LogitModel {

    private LogitGuide(LlamaModel model, LlamaModel sft, LlamaModel aligned, float alpha, List<LlamaModel> owned) {
        super(GuideMix.of(model, sft, aligned, alpha), model, List.of(sft, aligned), owned);
    }

    /**
     * Loads three models.
     *
     * @param model   what is steered; any shard names a whole set
     * @param sft     of the small pair, the model that the aligned one was trained from
     * @param aligned of the small pair, the model after its training
     * @param alpha   weight of their difference, finite; 0 for the model by itself, 1 in the papers
     * @param options on which devices, and how, for all
     * @return the three, to be closed by the caller
     * @throws IOException                               if a file cannot be read
     * @throws io.github.expogguf.GgufFormatException    if one is not a regular GGUF file
     * @throws io.github.expogguf.InferenceException     if llama.cpp cannot run a model
     * @throws io.github.expogguf.ModelMismatchException if one of the pair has too few of the model's tokens
     */
    public static LogitGuide open(Path model, Path sft, Path aligned, float alpha, LoadOptions options)
            throws IOException {
        return open(model, sft, aligned, alpha, options, progress -> {}, new Cancellation());
    }

    /**
     * Same, telling how far it is.
     *
     * @param model        what is steered
     * @param sft          of the small pair, the model before its training
     * @param aligned      of the small pair, the model after it
     * @param alpha        weight of their difference, finite
     * @param options      on which devices, and how, for all
     * @param listener     hears of all, one after the other, as {@link LlamaModel#load} tells it
     * @param cancellation ends it from any thread, with nothing left behind
     * @return the three, to be closed by the caller
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     * @throws IOException                           if a file cannot be read
     */
    public static LogitGuide open(
            Path model,
            Path sft,
            Path aligned,
            float alpha,
            LoadOptions options,
            Progress.Listener listener,
            Cancellation cancellation)
            throws IOException {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        return load(
                List.of(model, sft, aligned),
                options,
                listener,
                cancellation,
                loaded -> new LogitGuide(loaded.get(0), loaded.get(1), loaded.get(2), alpha, loaded));
    }

    /**
     * Makes a guided model of models that are loaded already.
     *
     * @param model   stays the caller's, as the others; in memory for as long as a context of it is open
     * @param sft     of the small pair, the model before its training
     * @param aligned of the small pair, the model after it
     * @param alpha   weight of their difference, finite
     * @return the three, to be closed by the caller before the models
     * @throws IllegalArgumentException                  if one of the models has the logits of others itself
     * @throws io.github.expogguf.ModelMismatchException if one of the pair has too few of the model's tokens
     */
    public static LogitGuide of(LlamaModel model, LlamaModel sft, LlamaModel aligned, float alpha) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        requireAlone(model, sft, aligned);
        return new LogitGuide(model, sft, aligned, alpha, List.of());
    }
}
