package io.github.expogguf.run.mixture;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.MissingImportanceException;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.budget.MixtureRules;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.ErrorTable;
import io.github.expogguf.run.compute.FirstDirections;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.TypeErrors;
import io.github.expogguf.run.rank.DirectionPasses;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Plans that give all tensors that are to be decided one type each, or what replaces it, and what is lost by them. */
final class TypePlans {

    /** Any that writes quantized types: rules decide about all tensors that it would. */
    static final FileType ANY = FileType.Q4_K_M;

    /** What a tensor has in a plan for a type that it cannot have without importances. */
    private static final GgmlType WITHOUT_IMPORTANCE = GgmlType.Q4_K;

    /** Elements of each tensor: chance moves an error by a percent then. */
    private static final long SAMPLE_ELEMENTS = 64 * 1024;

    private final OpenModels models;
    private final PlanOptions options;
    private final List<String> names;
    private final Set<Integer> undecided;

    /**
     * @param names     of all tensors
     * @param undecided numbers of those whose type is to be chosen
     */
    TypePlans(OpenModels models, PlanOptions options, List<String> names, Set<Integer> undecided) {
        this.models = models;
        this.options = options;
        this.names = names;
        this.undecided = undecided;
    }

    static PlanOptions withAnyType(PlanOptions options) {
        return options.withFileType(ANY);
    }

    /** The options with a rule for each of some tensors, by name. */
    static PlanOptions with(PlanOptions options, FileType fileType, Map<String, GgmlType> types) {
        List<TensorTypeRule> rules = new ArrayList<>(options.tensorTypes());
        rules.addAll(MixtureRules.of(types));
        return options.toBuilder().fileType(fileType).tensorTypes(rules).build();
    }

    /**
     * A plan for each type, and one that leaves quantized tensors in theirs if there are any.
     *
     * @throws MissingImportanceException if no tensor can have a type, for want of an importance matrix
     */
    List<Plan> of(List<GgmlType> types) {
        List<Plan> plans = new ArrayList<>(types.stream().map(this::plan).toList());
        Plan any = plans.getFirst();
        if (undecided.stream().anyMatch(i -> any.tasks().get(i).aligned().type().isQuantized())) {
            plans.add(inOwnTypes(any));
        }
        return plans;
    }

    /** What is quantized already may stay as it is, at no loss where it is not extrapolated. */
    private Plan inOwnTypes(Plan any) {
        Map<String, GgmlType> types = new LinkedHashMap<>();
        for (int tensor : undecided) {
            GgmlType own = any.tasks().get(tensor).aligned().type();
            GgmlType type = own.isQuantized() ? own : any.tasks().get(tensor).targetType();
            types.put(names.get(tensor), type);
        }
        return models.plan(with(options, ANY, types));
    }

    private Plan plan(GgmlType type) {
        try {
            return plan(type, Set.of());
        } catch (MissingImportanceException e) {
            Set<String> without = Set.copyOf(e.coverage().required());
            if (undecided.stream().map(names::get).allMatch(without::contains)) {
                throw e;
            }
            return plan(type, without);
        }
    }

    private Plan plan(GgmlType type, Set<String> without) {
        Map<String, GgmlType> types = new LinkedHashMap<>();
        for (int tensor : undecided) {
            String name = names.get(tensor);
            types.put(name, without.contains(name) ? WITHOUT_IMPORTANCE : type);
        }
        return models.plan(with(options, ANY, types));
    }

    /** Of each tensor that is to be decided the error of its values by type, measured on a sample of its rows. */
    ErrorTable errors(List<Plan> plans, WorkOptions how) throws IOException {
        return models.watching(() -> {
            try (FirstDirections directions = new FirstDirections(models.fits())) {
                ChunkComputer computer = DirectionPasses.computer(
                        directions, models, List.of(plans.getFirst().tasks()), how, new ProgressMeter(how.listener()));
                return new TypeErrors(computer, plans, how).run(SAMPLE_ELEMENTS, undecided);
            }
        });
    }
}
