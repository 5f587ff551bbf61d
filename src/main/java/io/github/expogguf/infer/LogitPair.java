package io.github.expogguf.infer;

import io.github.expogguf.CancelledException;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Extrapolates what two models say instead of their weights (DeRa, decoding-time realignment): for every token the
 * logit {@code (1 + alpha) * aligned - alpha * sft}. Nothing is computed with weights, so both models may be of any
 * type, as they were downloaded, and small alphas are not lost to rounding. Both are in memory and both compute every
 * token, which takes about twice the time of one.
 *
 * <pre>{@code
 * try (LogitPair pair = LogitPair.open(sft, aligned, 0.3f, LoadOptions.defaults());
 *         LlamaContext context = LlamaContext.open(pair.model(), ContextOptions.defaults())) {
 *     context.generate(prompt, GenerationOptions.greedy(64));
 *     pair.setAlpha(0.5f);
 *     context.generate(prompt, GenerationOptions.greedy(64)); // the same context, another alpha
 * }
 * }</pre>
 *
 * <p>The arithmetic is that of 32-bit floats, in the order of the formula. Sampling, grammars, penalties and
 * log-probabilities follow on the result. At alpha 0 the SFT model computes nothing, and the answers are the aligned
 * model's; below 0 they are those of a model between the two.
 *
 * <p>The aligned model tokenizes; its tokens are looked up in the SFT model by their text, as for weights. A token that
 * the SFT model does not have, or that one of the models masks with minus infinity, keeps the aligned model's logit;
 * where it is read, the SFT model reads the last token of its text instead. Models that have less than half of the
 * tokens in common are refused.
 *
 * <p>Safe for any thread.
 */
public final class LogitPair extends LogitModel {

    private LogitPair(LlamaModel sft, LlamaModel aligned, float alpha, List<LlamaModel> owned) {
        super(PairMix.of(sft, aligned, alpha), aligned, List.of(sft), owned);
    }

    /**
     * Loads two models.
     *
     * @param sft     the model that the aligned one was trained from; any shard names a whole set
     * @param aligned the model after preference training
     * @param alpha   weight of the difference, finite; 0 for the aligned model
     * @param options on which devices, and how, for both
     * @return the pair, to be closed by the caller
     * @throws IOException                               if a file cannot be read
     * @throws io.github.expogguf.GgufFormatException    if one is not a regular GGUF file
     * @throws io.github.expogguf.InferenceException     if llama.cpp cannot run a model
     * @throws io.github.expogguf.ModelMismatchException if the models have too few tokens in common
     */
    public static LogitPair open(Path sft, Path aligned, float alpha, LoadOptions options) throws IOException {
        return open(sft, aligned, alpha, options, progress -> {}, new Cancellation());
    }

    /**
     * Same, telling how far it is.
     *
     * @param sft          the model that the aligned one was trained from
     * @param aligned      the model after preference training
     * @param alpha        weight of the difference, finite
     * @param options      on which devices, and how, for both
     * @param listener     hears of both, one after the other, as {@link LlamaModel#load} tells it
     * @param cancellation ends it from any thread, with nothing left behind
     * @return the pair, to be closed by the caller
     * @throws CancelledException if it was cancelled, or the calling thread is interrupted
     * @throws IOException        if a file cannot be read
     */
    public static LogitPair open(
            Path sft,
            Path aligned,
            float alpha,
            LoadOptions options,
            Progress.Listener listener,
            Cancellation cancellation)
            throws IOException {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        return load(
                List.of(sft, aligned),
                options,
                listener,
                cancellation,
                loaded -> new LogitPair(loaded.get(0), loaded.get(1), alpha, loaded));
    }

    /**
     * Makes a pair of models that are loaded already.
     *
     * @param sft     stays the caller's; in memory for as long as a context of the pair is open
     * @param aligned the same
     * @param alpha   weight of the difference, finite
     * @return the pair, to be closed by the caller before the models
     * @throws IllegalArgumentException                  if one of the models is that of a pair itself
     * @throws io.github.expogguf.ModelMismatchException if the models have too few tokens in common
     */
    public static LogitPair of(LlamaModel sft, LlamaModel aligned, float alpha) {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        requireAlone(sft, aligned);
        return new LogitPair(sft, aligned, alpha, List.of());
    }
}
