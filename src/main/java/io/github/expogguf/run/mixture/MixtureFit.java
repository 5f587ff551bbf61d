package io.github.expogguf.run.mixture;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.budget.Budget;
import io.github.expogguf.plan.budget.Effects;
import io.github.expogguf.plan.budget.Offer;
import io.github.expogguf.plan.mixture.TypeChooser;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.SizeTarget;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.ErrorTable;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Finds types for the tensors of an output so that it keeps to a size and its model's output differs least: what every
 * tensor loses in every type is measured on a sample, and {@link Budget} chooses.
 */
public final class MixtureFit {

    /** The header names the types, and so its size changes with them; that settles after a step or two. */
    private static final int MAX_STEPS = 16;

    /** The part of a size that is to be used. */
    private static final double NEAR = 0.995;

    private final OpenModels models;
    private final PlanOptions options;
    private final SizeTarget target;
    private final ToLongFunction<Plan> outputBytes;
    private final Optional<EffectSource> effectSource;
    private final List<String> names; // of all tensors
    private final Set<Integer> undecided; // numbers of tensors

    /**
     * @param options     with a size; rules and types of single tensors are kept
     * @param outputBytes of the file or files that a plan is written to
     */
    public MixtureFit(
            OpenModels models,
            PlanOptions options,
            ToLongFunction<Plan> outputBytes,
            Optional<EffectSource> effectSource) {
        if (options.pure()) {
            throw new IllegalArgumentException("a size is kept to by a mixture of types, and one type is asked for");
        }
        this.models = models;
        this.options = options;
        this.target = options.sizeTarget()
                .orElseThrow(() -> new IllegalArgumentException("no size is asked for, which types could make"));
        this.outputBytes = outputBytes;
        this.effectSource = effectSource;
        ModelHeader aligned = models.plan(TypePlans.withAnyType(options)).aligned();
        Set<TensorInfo> free = Set.copyOf(TypeChooser.undecided(
                aligned, TypePlans.withAnyType(options), models.pair().rules()));
        this.names = aligned.tensors().stream().map(TensorInfo::name).toList();
        this.undecided = new TreeSet<>();
        for (int i = 0; i < aligned.tensors().size(); i++) {
            if (free.contains(aligned.tensors().get(i))) {
                undecided.add(i);
            }
        }
        if (undecided.isEmpty()) {
            throw new IllegalArgumentException(aligned.name()
                    + ": a size is asked for, and there is no tensor whose type could be chosen: rules and options name"
                    + " them all, or they are never quantized");
        }
    }

    /** Measures what errors in tensors do to the model's output. */
    @FunctionalInterface
    public interface EffectSource {

        /**
         * Measures.
         *
         * @param probe   makes the errors that the effect is measured with
         * @param tensors numbers of those to measure
         * @param errors  of each by type
         * @return the effect of each, of a relative square error of 1
         */
        Map<Integer, Double> measure(Plan probe, Set<Integer> tensors, ErrorTable errors, WorkOptions how)
                throws IOException;
    }

    /**
     * What was found.
     *
     * @param plan    with a rule for every tensor whose type was chosen
     * @param bytes   of the output
     * @param choices in the order of the tensors
     */
    public record Found(Plan plan, long bytes, List<Choice> choices) {}

    /**
     * A type that was chosen.
     *
     * @param name  of the tensor
     * @param offer the type, its bytes, and what it does to the model's output
     * @param error of the tensor's values in this type
     */
    public record Choice(String name, Offer offer, double error) {}

    /**
     * Measures and chooses.
     *
     * @throws IllegalArgumentException if no types make an output of that size
     */
    public Found find(WorkOptions how) throws IOException {
        TypePlans types = new TypePlans(models, options, names, undecided);
        List<Plan> plans = types.of(target.types());
        requireReachable(plans);
        ErrorTable errors = types.errors(plans, how);
        Map<Integer, Double> effects = effects(plans, errors, how);
        List<List<Offer>> offers = undecided.stream()
                .map(tensor -> offers(tensor, plans, errors, Objects.requireNonNull(effects.get(tensor))))
                .toList();
        long most = most(plans.getFirst());
        long others = others(plans.getFirst());
        for (int step = 0; step < MAX_STEPS; step++) {
            List<Offer> chosen = Budget.spend(offers, most - others).orElseThrow(() -> tooSmall(plans, most));
            Plan plan = models.plan(TypePlans.with(options, fileType(plans.getFirst(), chosen), byName(chosen)));
            if (measured(plan) <= most) {
                return new Found(plan, outputBytes.applyAsLong(plan), choices(chosen, errors));
            }
            others = others(plan);
        }
        throw tooSmall(plans, most);
    }

    /** Refuses a size that no types make, which takes no measuring, which may take hours. */
    private void requireReachable(List<Plan> plans) {
        Plan any = plans.getFirst();
        long most = most(any);
        Comparator<TensorTask> byBytes = Comparator.comparingLong(TensorTask::targetBytes);
        if (others(any)
                        + extremes(plans, byBytes).stream()
                                .mapToLong(TensorTask::targetBytes)
                                .sum()
                > most) {
            throw tooSmall(plans, most);
        }
        Map<String, GgmlType> chosen = new LinkedHashMap<>();
        extremes(plans, byBytes.reversed())
                .forEach(task -> chosen.put(task.aligned().name(), task.targetType()));
        Plan largest = models.plan(TypePlans.with(options, TypePlans.ANY, chosen));
        if (measured(largest) < NEAR * most) {
            throw new IllegalArgumentException("no types of " + names() + " make it as large as " + asked(most)
                    + ": the largest has " + said(largest) + settled(largest)
                    + "; ask for less, or allow larger types");
        }
    }

    /** The first task of each tensor, in an order, of the tasks that plans have for it. */
    private List<TensorTask> extremes(List<Plan> plans, Comparator<TensorTask> order) {
        return undecided.stream()
                .map(tensor -> plans.stream()
                        .map(plan -> plan.tasks().get(tensor))
                        .min(order)
                        .orElseThrow())
                .toList();
    }

    private Map<Integer, Double> effects(List<Plan> plans, ErrorTable errors, WorkOptions how) throws IOException {
        if (effectSource.isPresent()) {
            return effectSource.get().measure(probe(plans), undecided, errors, how);
        }
        Effects known = new Effects(plans.getFirst().aligned());
        return undecided.stream()
                .collect(Collectors.toMap(
                        tensor -> tensor,
                        tensor -> known.of(plans.getFirst().tasks().get(tensor).aligned())));
    }

    /** The type nearest to the size that is asked for, from below: errors as large as those that will be. */
    private Plan probe(List<Plan> plans) {
        long most = most(plans.getFirst());
        return plans.stream()
                .filter(plan -> measured(plan) <= most)
                .max(Comparator.comparingLong(this::measured))
                .orElse(plans.getFirst());
    }

    private static List<Offer> offers(int tensor, List<Plan> plans, ErrorTable errors, double effect) {
        Map<GgmlType, Offer> offers = new EnumMap<>(GgmlType.class); // some types have the same replacement
        for (Plan plan : plans) {
            TensorTask task = plan.tasks().get(tensor);
            offers.put(
                    task.targetType(),
                    new Offer(task.targetType(), task.targetBytes(), effect * errors.of(tensor, task.targetType())));
        }
        return List.copyOf(offers.values());
    }

    /** What the target bounds. */
    private long measured(Plan plan) {
        return switch (target.unit()) {
            case BYTES -> outputBytes.applyAsLong(plan);
            case BITS_PER_WEIGHT -> plan.tensorBytes();
        };
    }

    private long most(Plan plan) {
        return (long)
                switch (target.unit()) {
                    case BYTES -> target.amount();
                    case BITS_PER_WEIGHT -> target.amount() * plan.elementCount() / 8;
                };
    }

    /** What is not spent on the tensors to be decided: header, padding, other tensors. */
    private long others(Plan plan) {
        return measured(plan)
                - undecided.stream()
                        .mapToLong(tensor -> plan.tasks().get(tensor).targetBytes())
                        .sum();
    }

    private Map<String, GgmlType> byName(List<Offer> chosen) {
        Map<String, GgmlType> types = new LinkedHashMap<>();
        int next = 0;
        for (int tensor : undecided) {
            types.put(names.get(tensor), chosen.get(next++).type());
        }
        return types;
    }

    private List<Choice> choices(List<Offer> chosen, ErrorTable errors) {
        List<Choice> choices = new ArrayList<>();
        for (int tensor : undecided) {
            Offer offer = chosen.get(choices.size());
            choices.add(new Choice(names.get(tensor), offer, errors.of(tensor, offer.type())));
        }
        return choices;
    }

    /** The file type whose own type has about as many bits as these on average; of those that share it, the middle. */
    private FileType fileType(Plan any, List<Offer> chosen) {
        long bytes = chosen.stream().mapToLong(Offer::bytes).sum();
        long weights = undecided.stream()
                .mapToLong(tensor -> any.tasks().get(tensor).aligned().shape().elementCount())
                .sum();
        double bits = 8.0 * bytes / weights;
        return Arrays.stream(FileType.values())
                .filter(type -> target.types().contains(type.defaultType()))
                .min(Comparator.comparingDouble(
                                (FileType type) -> Math.abs(type.defaultType().bitsPerWeight() - bits))
                        .thenComparing(type -> !type.name().endsWith("_M")))
                .orElse(TypePlans.ANY);
    }

    private IllegalArgumentException tooSmall(List<Plan> plans, long most) {
        Plan smallest =
                plans.stream().min(Comparator.comparingLong(this::measured)).orElseThrow();
        return new IllegalArgumentException("no types of " + names() + " make it as small as " + asked(most)
                + ": the smallest has " + said(smallest) + settled(smallest)
                + "; ask for more, or allow smaller types");
    }

    /** How much of it is not for the types to decide, where somebody said types. */
    private String settled(Plan plan) {
        boolean isSaid = !options.tensorTypes().isEmpty()
                || options.outputTensorType().isPresent()
                || options.tokenEmbeddingType().isPresent();
        return isSaid
                ? ", " + Math.round(100.0 * others(plan) / measured(plan))
                        + " % of it in tensors that rules and options name or that are never quantized"
                : "";
    }

    private String names() {
        return target.types().stream().map(GgmlType::toString).collect(Collectors.joining(", "));
    }

    private String asked(long most) {
        return switch (target.unit()) {
            case BYTES -> most + " bytes";
            case BITS_PER_WEIGHT -> Numbers.brief(target.amount()) + " bits per weight";
        };
    }

    private String said(Plan plan) {
        return switch (target.unit()) {
            case BYTES -> measured(plan) + " bytes";
            case BITS_PER_WEIGHT -> String.format(Locale.ROOT, "%.3f bits per weight", plan.bitsPerWeight());
        };
    }
}
