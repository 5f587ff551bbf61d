package io.github.expogguf.run;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LogSoftmax;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.compute.ErrorTable;
import io.github.expogguf.text.Words;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@link Extrapolator#mixture} with measurements: what an error in a tensor does to the output of the model itself. The
 * model is built in memory in F16, the tensors of
 * one group after another get the values that a small type leaves of them, and the divergence from the model with its
 * own values is measured on a text, {@code sum of p * (log p - log q)} over the vocabulary. Divided by the sum of the
 * relative errors of the group's tensors that is the effect of each. The same on the same machine and threads.
 */
public final class MeasuredMixture {

    /** Most groups, each of which costs a pass over the text: single tensors where there are no more than that. */
    private static final int MAX_GROUPS = 64;

    private static final int CHUNK_TOKENS = 256;
    private static final int MAX_CHUNKS = 8;

    /** Logarithms of probabilities that are kept: a quarter of a gigabyte. */
    private static final long MAX_KEPT = 64L << 20;

    private final Extrapolator models;
    private final PlanOptions options;
    private final String text;

    /**
     * Finds types for the tensors so that the output keeps to a size and its model's output differs least on a text.
     * Takes the memory of the model in F16, and a pass over some of the text for each tensor, or for each kind of
     * tensor in some neighbouring layers where there are many.
     *
     * @param models  the pair, or one model; stays the caller's
     * @param options what decides the output, with a {@linkplain PlanOptions#sizeTarget size}
     * @param text    in the language of the model's users, 256 tokens or more, of which some two thousand are read,
     *                evenly spread
     * @param how     shards, threads, listener and cancellation
     * @return the options with the types
     * @throws io.github.expogguf.InferenceException if llama.cpp cannot run the model
     * @throws IOException                           if a file cannot be read
     * @see Extrapolator#mixture
     */
    public static SizedMixture find(Extrapolator models, PlanOptions options, String text, OutputOptions how)
            throws IOException {
        Objects.requireNonNull(models, "models");
        Objects.requireNonNull(text, "text");
        return models.mixture(options, how, Optional.of(new MeasuredMixture(models, options, text)::measure));
    }

    private MeasuredMixture(Extrapolator models, PlanOptions options, String text) {
        this.models = models;
        this.options = options;
        this.text = text;
    }

    private Map<Integer, Double> measure(Plan probe, Set<Integer> tensors, ErrorTable errors, WorkOptions how)
            throws IOException {
        PlanOptions.Builder whole = options.toBuilder().tensorTypes(List.of()).fileType(FileType.F16);
        try (LiveModel live = LiveModel.open(models, whole.build(), how);
                LlamaContext context = LlamaContext.open(
                        live.model(),
                        ContextOptions.defaults().withThreads(how.threads()).withContextTokens(CHUNK_TOKENS))) {
            List<Passage> passages = passages(live.model());
            float[][] own = logProbabilities(context, passages, how);
            Map<Integer, Double> effects = new HashMap<>();
            for (Set<Integer> group : groups(probe, tensors)) {
                how.cancellation().check();
                live.imitate(probe, group, how);
                double divergence = divergence(context, passages, own, how);
                live.imitate(live.plan(), group, how);
                double error = group.stream()
                        .mapToDouble(tensor ->
                                errors.of(tensor, probe.tasks().get(tensor).targetType()))
                        .sum();
                group.forEach(tensor -> effects.put(tensor, error == 0 ? 0 : Math.max(0, divergence) / error));
                String name =
                        probe.tasks().get(group.iterator().next()).aligned().name();
                long texts = passages.size();
                how.listener()
                        .progress(new Progress(
                                Progress.Stage.AGREEMENT, name, texts * effects.size(), texts * tensors.size()));
            }
            return effects;
        }
    }

    /** Evenly spread over the text; the second half of each is looked at, as the first gives it something to go by. */
    private List<Passage> passages(LlamaModel model) {
        int[] tokens = model.tokenize(text);
        int length = Math.min(CHUNK_TOKENS, tokens.length);
        if (length < 2) {
            throw new IllegalArgumentException("the text to measure on has " + Words.plural(tokens.length, "token")
                    + ", expected " + CHUNK_TOKENS + " or more");
        }
        long positions = Math.max(1, MAX_KEPT / model.vocabularySize() / (length - length / 2));
        int chunks = (int) Math.min(Math.min(MAX_CHUNKS, positions), tokens.length / length);
        List<Passage> passages = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            int from = (int) ((long) (tokens.length - length) * i / Math.max(1, chunks - 1));
            passages.add(new Passage(Arrays.copyOfRange(tokens, from, from + length), length / 2));
        }
        return passages;
    }

    private static float[][] logProbabilities(LlamaContext context, List<Passage> passages, WorkOptions how) {
        float[][] all = new float[passages.size() * passages.getFirst().scoredTokens()][];
        context.readLogits(
                passages,
                (passage, position, logits) -> {
                    LogSoftmax softmax = LogSoftmax.of(logits);
                    float[] logs = new float[logits.length];
                    for (int token = 0; token < logits.length; token++) {
                        logs[token] = (float) softmax.logProbability(logits[token]);
                    }
                    all[index(passages, passage, position)] = logs;
                },
                _ -> {},
                how.cancellation());
        return all;
    }

    /** Mean over the positions, added up in their order. */
    private static double divergence(LlamaContext context, List<Passage> passages, float[][] own, WorkOptions how) {
        double[] all = new double[own.length];
        context.readLogits(
                passages,
                (passage, position, logits) -> {
                    LogSoftmax softmax = LogSoftmax.of(logits);
                    int index = index(passages, passage, position);
                    double sum = 0;
                    for (int token = 0; token < logits.length; token++) {
                        double p = Math.exp(own[index][token]);
                        sum += p == 0 ? 0 : p * (own[index][token] - softmax.logProbability(logits[token]));
                    }
                    all[index] = sum;
                },
                _ -> {},
                how.cancellation());
        return Arrays.stream(all).average().orElseThrow();
    }

    /** Of a position among all that are looked at; passages are of one length. */
    private static int index(List<Passage> passages, int passage, int position) {
        Passage any = passages.getFirst();
        return passage * any.scoredTokens() + position - any.firstScored();
    }

    /** Single tensors, or those of one kind in neighbouring layers. */
    private static List<Set<Integer>> groups(Plan plan, Set<Integer> tensors) {
        Map<String, List<Integer>> kinds = new LinkedHashMap<>();
        for (int tensor : tensors) {
            String name = plan.tasks().get(tensor).aligned().name();
            String kind =
                    TensorNames.inBlock(name).map(in -> in.part() + in.kind()).orElse(name);
            kinds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(tensor);
        }
        int parts = Math.max(1, MAX_GROUPS / kinds.size());
        List<Set<Integer>> groups = new ArrayList<>();
        for (List<Integer> kind : kinds.values()) {
            int count = tensors.size() <= MAX_GROUPS ? kind.size() : Math.min(parts, kind.size());
            for (int part = 0; part < count; part++) {
                groups.add(new TreeSet<>(kind.subList(kind.size() * part / count, kind.size() * (part + 1) / count)));
            }
        }
        return groups;
    }
}
