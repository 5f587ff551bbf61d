package io.github.expogguf.plan.task;

import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
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
 * @param alignedIsSft whether the aligned model is the SFT model with the adapters, so that what they leave alone has
 *                     no delta
 * @param <M>          what stands for a model: the path of a GGUF file or of any shard of a set, its header, ...
 */
public record Ingredients<M>(
        Optional<M> sft, M aligned, List<Adapter<M>> adapters, List<Delta<M>> deltas, boolean alignedIsSft) {

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
     * Checks the components.
     *
     * @throws IllegalArgumentException if there are adapters or deltas, but no SFT model
     */
    public Ingredients {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(adapters, "adapters");
        Objects.requireNonNull(deltas, "deltas");
        adapters = List.copyOf(adapters);
        deltas = List.copyOf(deltas);
        if (sft.isEmpty() && !(adapters.isEmpty() && deltas.isEmpty())) {
            throw new IllegalArgumentException("adapters and further deltas need an SFT model");
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
        this(sft, aligned, adapters, deltas, isSft(sft, aligned, adapters));
    }

    private static <M> boolean isSft(Optional<M> sft, M aligned, List<Adapter<M>> adapters) {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(adapters, "adapters");
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
        Objects.requireNonNull(adapters, "adapters");
        return new Ingredients<>(Optional.of(base), base, adapters, List.of());
    }

    /**
     * {@return the same, with these adapters on the aligned model}
     *
     * @param adapters adapters, in the order in which they are applied
     */
    public Ingredients<M> withAdapters(List<Adapter<M>> adapters) {
        Objects.requireNonNull(adapters, "adapters");
        return new Ingredients<>(sft, aligned, adapters, deltas);
    }

    /**
     * {@return the same, with these further differences}
     *
     * @param deltas further differences, in the order in which they are added
     */
    public Ingredients<M> withDeltas(List<Delta<M>> deltas) {
        Objects.requireNonNull(deltas, "deltas");
        return new Ingredients<>(sft, aligned, adapters, deltas, alignedIsSft);
    }

    /**
     * {@return the same, with the weights of others, of which there must be as many}
     *
     * @param others as many adapters and differences as these
     */
    public Ingredients<M> withWeightsOf(Ingredients<?> others) {
        Objects.requireNonNull(others, "others");
        Ingredients<M> weighed = others.with(inOrder());
        return new Ingredients<>(sft, aligned, weighed.adapters, weighed.deltas, alignedIsSft);
    }

    /**
     * {@return the same, with something else in the place of the aligned model}
     *
     * @param aligned what stands for the aligned model
     */
    public Ingredients<M> withAligned(M aligned) {
        Objects.requireNonNull(aligned, "aligned");
        return new Ingredients<>(sft, aligned, adapters, deltas, alignedIsSft);
    }

    /** {@return adapters, then both models of each further difference, the SFT model first} */
    public List<M> further() {
        List<M> models = new ArrayList<>();
        adapters.forEach(adapter -> models.add(adapter.model));
        deltas.forEach(delta -> models.addAll(List.of(delta.sft, delta.aligned)));
        return models;
    }

    /** {@return all models: each is in the place that its {@linkplain Operand#model number} says} */
    public List<M> inOrder() {
        List<M> models = new ArrayList<>();
        map(models::add);
        return models;
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
        Objects.requireNonNull(inOrder, "inOrder");
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
        return new Ingredients<>(second, first, others, differences, alignedIsSft);
    }

    private static void requireFinite(float weight) {
        Numbers.requireFinite(weight, "weight");
    }
}
