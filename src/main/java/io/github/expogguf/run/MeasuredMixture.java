package io.github.expogguf.run;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.compute.ErrorTable;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
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
 * model is built in memory in F16, the tensors of one group after another get the values that a small type leaves of
 * them, and the divergence of the output from that of the model with its own values is measured. Divided by the sum of
 * the relative errors of the group's tensors that is the effect of each. The same on the same machine and threads.
 */
public final class MeasuredMixture {

    /** Most groups, each of which costs a pass over the texts: single tensors where there are no more than that. */
    private static final int MAX_GROUPS = 64;

    private final Extrapolator models;
    private final PlanOptions options;
    private final Ruler ruler;

    /** Takes down what a model puts out. */
    @FunctionalInterface
    public interface Ruler {

        /**
         * Takes it down.
         *
         * @param model a loaded model; stays the caller's, and open
         * @param how   threads, listener and cancellation
         * @return what tells how far the model goes from that when its weights change
         * @throws IOException if a file cannot be read
         */
        Divergence of(LlamaModel model, WorkOptions how) throws IOException;
    }

    /** How far the output of a model has gone from what it was. */
    public interface Divergence extends AutoCloseable {

        /** {@return texts that are read for a number, at least 1} */
        int texts();

        /** {@return the divergence of the model with the weights that it has now, in nats per token, never negative} */
        double now();

        @Override
        void close();
    }

    /**
     * Finds types for the tensors so that the output keeps to a size and its model's output changes least. Takes the
     * memory of the model in F16, and a pass over the texts for each tensor, or for each kind of tensor in some
     * neighbouring layers where there are many.
     *
     * @param models  the pair, or one model; stays the caller's
     * @param options what decides the output, with a {@linkplain PlanOptions#sizeTarget size}
     * @param ruler   what the output is measured on: {@code DivergenceOn} has texts and answers to prompts
     * @param how     shards, threads, listener and cancellation
     * @return the options with the types
     * @throws io.github.expogguf.InferenceException if llama.cpp cannot run the model
     * @throws IOException                           if a file cannot be read
     * @see Extrapolator#mixture
     */
    public static SizedMixture find(Extrapolator models, PlanOptions options, Ruler ruler, OutputOptions how)
            throws IOException {
        Objects.requireNonNull(models, "models");
        Objects.requireNonNull(ruler, "ruler");
        return models.mixture(options, how, Optional.of(new MeasuredMixture(models, options, ruler)::measure));
    }

    private MeasuredMixture(Extrapolator models, PlanOptions options, Ruler ruler) {
        this.models = models;
        this.options = options;
        this.ruler = ruler;
    }

    private Map<Integer, Double> measure(Plan probe, Set<Integer> tensors, ErrorTable errors, WorkOptions how)
            throws IOException {
        PlanOptions.Builder whole = options.toBuilder().tensorTypes(List.of()).fileType(FileType.F16);
        try (LiveModel live = LiveModel.open(models, whole.build(), how);
                Divergence divergence = ruler.of(live.model(), how)) {
            Map<Integer, Double> effects = new HashMap<>();
            for (Set<Integer> group : groups(probe, tensors)) {
                how.cancellation().check();
                live.imitate(probe, group, how);
                double gone = divergence.now();
                live.imitate(live.plan(), group, how);
                double error = group.stream()
                        .mapToDouble(tensor ->
                                errors.of(tensor, probe.tasks().get(tensor).targetType()))
                        .sum();
                group.forEach(tensor -> effects.put(tensor, error == 0 ? 0 : Math.max(0, gone) / error));
                String name =
                        probe.tasks().get(group.iterator().next()).aligned().name();
                long texts = divergence.texts();
                how.listener()
                        .progress(new Progress(
                                Progress.Stage.AGREEMENT, name, texts * effects.size(), texts * tensors.size()));
            }
            return effects;
        }
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
