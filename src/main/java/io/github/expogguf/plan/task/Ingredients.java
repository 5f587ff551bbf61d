package io.github.expogguf.plan.task;

import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * The models that an output is made from.
 *
 * @param sft          the model before alignment; empty where one model is quantized
 * @param aligned      the model after alignment
 * @param adapters     LoRA adapters that are added to the aligned model
 * @param deltas       further differences that are added to the result
 * @param trajectory   what else is known of the training run that the SFT model and the aligned model are the first
 *                     and the last checkpoint of; empty for a pair
 * @param alignedIsSft whether the aligned model is the SFT model with the adapters, so that what they leave alone has
 *                     no delta
 * @param template     a GGUF of the same model, of any type, where the aligned one is a folder of Hugging Face: it
 *                     gives metadata, tokenizer and layout; no model of the run itself, and not carried on by
 *                     {@link #map}
 * @param <M>          what stands for a model: the path of a GGUF file or of any shard of a set, its header, ...
 */
public record Ingredients<M>(
        Optional<M> sft,
        M aligned,
        List<Adapter<M>> adapters,
        List<Delta<M>> deltas,
        Optional<Trajectory<M>> trajectory,
        boolean alignedIsSft,
        Optional<M> template) {

    /**
     * A LoRA adapter.
     *
     * @param <M>    what stands for a model: a path, an opened file
     * @param model  the adapter
     * @param weight what its products are multiplied with, beside the adapter's own scale; finite, 1 as trained
     */
    public record Adapter<M>(M model, float weight) {

        /** Checks the weight. */
        public Adapter {
            Objects.requireNonNull(model, "model");
            requireFinite(weight);
        }
    }

    /**
     * A further difference, {@code weight * (aligned - sft)}, of two models that match the aligned one.
     *
     * @param <M>     what stands for a model: a path, an opened file
     * @param sft     what is subtracted
     * @param aligned what it is subtracted from
     * @param weight  finite; negative to take the difference away
     */
    public record Delta<M>(M sft, M aligned, float weight) {

        /** Checks the weight. */
        public Delta {
            Objects.requireNonNull(sft, "sft");
            Objects.requireNonNull(aligned, "aligned");
            requireFinite(weight);
        }
    }

    /**
     * A model as it was at a step of training.
     *
     * @param <M>   what stands for a model: a path, an opened file
     * @param step  number of the step, finite
     * @param model the model
     */
    public record Checkpoint<M>(double step, M model) {

        /** Checks the step. */
        public Checkpoint {
            Objects.requireNonNull(model, "model");
            Numbers.requireFinite(step, "step");
        }
    }

    /**
     * The steps of a training run, with the checkpoints between the first and the last.
     *
     * @param <M>       what stands for a model: a path, an opened file
     * @param firstStep of the SFT model
     * @param between   by their steps, one at least
     * @param lastStep  of the aligned model
     */
    public record Trajectory<M>(double firstStep, List<Checkpoint<M>> between, double lastStep) {

        /**
         * Checks the steps.
         *
         * @throws IllegalArgumentException if they do not rise, or there is none between
         */
        public Trajectory {
            between = Elements.copy(between, "between");
            Numbers.requireFinite(firstStep, "firstStep");
            Numbers.requireFinite(lastStep, "lastStep");
            if (between.isEmpty()) {
                throw new IllegalArgumentException("no checkpoint between the first and the last");
            }
            double before = firstStep;
            for (Checkpoint<M> checkpoint : between) {
                requireLater(before, checkpoint.step);
                before = checkpoint.step;
            }
            requireLater(before, lastStep);
        }

        private static void requireLater(double before, double step) {
            if (step <= before) {
                throw new IllegalArgumentException("step " + Numbers.brief(step) + " after step "
                        + Numbers.brief(before) + ", expected steps that rise");
            }
        }

        /** {@return the steps of the deltas from the first checkpoint: those between, then the last} */
        public List<Double> laterSteps() {
            List<Double> steps = new ArrayList<>();
            between.forEach(checkpoint -> steps.add(checkpoint.step));
            steps.add(lastStep);
            return steps;
        }
    }

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if there are adapters, deltas or steps, but no SFT model, or adapters with steps
     */
    public Ingredients {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(trajectory, "trajectory");
        Objects.requireNonNull(template, "template");
        adapters = Elements.copy(adapters, "adapters");
        deltas = Elements.copy(deltas, "deltas");
        if (sft.isEmpty() && !(adapters.isEmpty() && deltas.isEmpty() && trajectory.isEmpty())) {
            throw new IllegalArgumentException("adapters and further deltas need an SFT model");
        }
        if (!adapters.isEmpty() && trajectory.isPresent()) {
            throw new IllegalArgumentException(
                    "adapters change one checkpoint, and not those before it: make whole models of them first");
        }
    }

    /**
     * Same; with adapters, an aligned model that equals the SFT model is that model.
     *
     * @param sft      the model before alignment; empty to quantize the other one
     * @param aligned  the model after alignment
     * @param adapters LoRA adapters of the aligned model, in the order in which they are applied
     * @param deltas   further differences, in the order in which they are added
     */
    public Ingredients(Optional<M> sft, M aligned, List<Adapter<M>> adapters, List<Delta<M>> deltas) {
        this(sft, aligned, adapters, deltas, Optional.empty(), isSft(sft, aligned, adapters), Optional.empty());
    }

    private static <M> boolean isSft(Optional<M> sft, M aligned, List<Adapter<M>> adapters) {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Elements.require(adapters, "adapters");
        return !adapters.isEmpty() && sft.filter(aligned::equals).isPresent();
    }

    /**
     * {@return a pair}
     *
     * @param <M>     what stands for a model: a path, an opened file
     * @param sft     the model before alignment
     * @param aligned the model after alignment
     */
    public static <M> Ingredients<M> pair(M sft, M aligned) {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        return new Ingredients<>(Optional.of(sft), aligned, List.of(), List.of());
    }

    /**
     * {@return one model, to quantize it}
     *
     * @param <M>   what stands for a model: a path, an opened file
     * @param model the one model
     */
    public static <M> Ingredients<M> model(M model) {
        Objects.requireNonNull(model, "model");
        return new Ingredients<>(Optional.empty(), model, List.of(), List.of());
    }

    /**
     * {@return a model and adapters, which together are the aligned model}
     *
     * @param <M>      what stands for a model: a path, an opened file
     * @param base     the model that the adapters change
     * @param adapters LoRA adapters of the aligned model, in the order in which they are applied
     */
    public static <M> Ingredients<M> adapted(M base, List<Adapter<M>> adapters) {
        Objects.requireNonNull(base, "base");
        Elements.require(adapters, "adapters");
        return new Ingredients<>(Optional.of(base), base, adapters, List.of());
    }

    /**
     * The checkpoints of one training run, to predict the model at another step. The first by its step takes the place
     * of the SFT model, the last one that of the aligned model, which the output has its metadata from.
     *
     * @param <M>         what stands for a model: a path, an opened file
     * @param checkpoints three or more, in any order, no two of one step
     * @return the models, by their steps
     * @throws IllegalArgumentException if there are fewer, or two of one step
     */
    public static <M> Ingredients<M> checkpoints(List<Checkpoint<M>> checkpoints) {
        List<Checkpoint<M>> sorted = new ArrayList<>(Elements.copy(checkpoints, "checkpoints"));
        if (sorted.size() < 3) {
            throw new IllegalArgumentException(
                    Words.plural(sorted.size(), "checkpoint") + ", expected three or more; two are a pair,"
                            + " with alpha (to - last) / (last - first) for the model at a step");
        }
        sorted.sort(Comparator.comparingDouble(Checkpoint::step));
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).step == sorted.get(i - 1).step) {
                throw new IllegalArgumentException("two checkpoints of step " + Numbers.brief(sorted.get(i).step) + ": "
                        + sorted.get(i - 1).model + " and " + sorted.get(i).model);
            }
        }
        Checkpoint<M> first = sorted.removeFirst();
        Checkpoint<M> last = sorted.removeLast();
        return new Ingredients<>(
                Optional.of(first.model),
                last.model,
                List.of(),
                List.of(),
                Optional.of(new Trajectory<>(first.step, sorted, last.step)),
                false,
                Optional.empty());
    }

    /**
     * {@return the same, with these adapters on the aligned model}
     *
     * @param adapters adapters, in the order in which they are applied
     */
    public Ingredients<M> withAdapters(List<Adapter<M>> adapters) {
        Elements.require(adapters, "adapters");
        return new Ingredients<>(sft, aligned, adapters, deltas, trajectory, isSft(sft, aligned, adapters), template);
    }

    /**
     * {@return the same, with these further differences}
     *
     * @param deltas further differences, in the order in which they are added
     */
    public Ingredients<M> withDeltas(List<Delta<M>> deltas) {
        Elements.require(deltas, "deltas");
        return new Ingredients<>(sft, aligned, adapters, deltas, trajectory, alignedIsSft, template);
    }

    /**
     * {@return the same, with the weights and steps of others, of which there must be as many}
     *
     * @param others as many adapters, differences and checkpoints as these
     */
    public Ingredients<M> withWeightsOf(Ingredients<?> others) {
        Objects.requireNonNull(others, "others");
        Ingredients<M> weighed = others.with(inOrder());
        return new Ingredients<>(
                sft, aligned, weighed.adapters, weighed.deltas, weighed.trajectory, alignedIsSft, template);
    }

    /**
     * {@return the same, with something else in the place of the aligned model}
     *
     * @param aligned what stands for the aligned model
     */
    public Ingredients<M> withAligned(M aligned) {
        Objects.requireNonNull(aligned, "aligned");
        return new Ingredients<>(sft, aligned, adapters, deltas, trajectory, alignedIsSft, template);
    }

    /**
     * {@return the same, where folders of Hugging Face get metadata, tokenizer and layout from a GGUF}
     *
     * @param template a GGUF of the same model, of any type
     */
    public Ingredients<M> withTemplate(M template) {
        Objects.requireNonNull(template, "template");
        return new Ingredients<>(sft, aligned, adapters, deltas, trajectory, alignedIsSft, Optional.of(template));
    }

    /**
     * {@return adapters, then both models of each further difference, the SFT model first, then the checkpoints between
     * the first and the last}
     */
    public List<M> further() {
        List<M> models = new ArrayList<>();
        adapters.forEach(adapter -> models.add(adapter.model));
        deltas.forEach(delta -> models.addAll(List.of(delta.sft, delta.aligned)));
        between().forEach(checkpoint -> models.add(checkpoint.model));
        return models;
    }

    /** {@return the checkpoints between the first and the last, by their steps; none of a pair} */
    public List<Checkpoint<M>> between() {
        return trajectory.map(Trajectory::between).orElse(List.of());
    }

    /** {@return all checkpoints of a training run, by their steps; none of a pair} */
    public List<Checkpoint<M>> checkpoints() {
        List<Checkpoint<M>> all = new ArrayList<>();
        trajectory.ifPresent(run -> {
            all.add(new Checkpoint<>(run.firstStep, sft.orElseThrow()));
            all.addAll(run.between);
            all.add(new Checkpoint<>(run.lastStep, aligned));
        });
        return all;
    }

    /** {@return all models: each is in the place that its {@linkplain Operand#model number} says} */
    public List<M> inOrder() {
        List<M> models = new ArrayList<>();
        map(models::add);
        return models;
    }

    /** {@return what each model is for, as in {@code delta 0 aligned}, {@linkplain #inOrder in order}} */
    public List<String> roles() {
        List<String> roles = new ArrayList<>(List.of("aligned"));
        sft.ifPresent(_ -> roles.add("sft"));
        for (int i = 0; i < adapters.size(); i++) {
            roles.add("adapter " + i);
        }
        for (int i = 0; i < deltas.size(); i++) {
            roles.addAll(List.of("delta " + i + " sft", "delta " + i + " aligned"));
        }
        for (int i = 0; i < between().size(); i++) {
            roles.add("checkpoint " + i);
        }
        return roles;
    }

    /**
     * Same, with other things in the places of the models.
     *
     * @param <N>     what stands for a model afterwards
     * @param inOrder as many, {@linkplain #inOrder in order}
     * @return the same shape with these in place of the models
     * @throws IllegalArgumentException if there are more or fewer
     */
    public <N> Ingredients<N> with(List<N> inOrder) {
        Elements.require(inOrder, "inOrder");
        if (inOrder.size() != inOrder().size()) {
            throw new IllegalArgumentException(
                    inOrder.size() + " in the places of " + inOrder().size() + " models");
        }
        Iterator<N> models = inOrder.iterator();
        return map(_ -> models.next());
    }

    /**
     * Same, with something else in the place of each model; they are asked for {@linkplain #inOrder in order}.
     *
     * @param <N>      what stands for a model afterwards
     * @param function is given each model
     * @return the same shape with what the function gave
     */
    public <N> Ingredients<N> map(Function<? super M, ? extends N> function) {
        N first = function.apply(aligned);
        Optional<N> second = sft.map(function);
        List<Adapter<N>> others = new ArrayList<>();
        for (Adapter<M> adapter : adapters) {
            others.add(new Adapter<>(function.apply(adapter.model), adapter.weight));
        }
        List<Delta<N>> differences = new ArrayList<>();
        for (Delta<M> delta : deltas) {
            differences.add(new Delta<>(function.apply(delta.sft), function.apply(delta.aligned), delta.weight));
        }
        Optional<Trajectory<N>> steps = trajectory.map(run -> new Trajectory<>(
                run.firstStep,
                run.between.stream()
                        .map(checkpoint -> new Checkpoint<N>(checkpoint.step, function.apply(checkpoint.model)))
                        .toList(),
                run.lastStep));
        return new Ingredients<>(second, first, others, differences, steps, alignedIsSft, Optional.empty());
    }

    private static void requireFinite(float weight) {
        Numbers.requireFinite(weight, "weight");
    }
}
