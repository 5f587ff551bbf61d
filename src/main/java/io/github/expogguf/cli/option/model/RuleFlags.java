package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.recipe.RecipeFile;
import io.github.expogguf.cli.option.recipe.RecipeStart;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.RuleProfile;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Alphas of single tensors, and recipes that say them along with everything else. */
public final class RuleFlags {

    @Option(
            names = "--rule",
            paramLabel = "REGEX=ALPHA",
            order = 16,
            converter = Distances.ToRule.class,
            description =
                    "Alpha of the tensors whose name contains a match: 0.2; *0.5, a factor of --alpha; 0.2..0.5 or"
                            + " *0.5..1.5, from the first block to the last; copy; 1.2%%, the alpha that puts these tensors so"
                            + " far from the SFT model's, but not in a search. May be repeated, the first match wins.")
    private List<Distances.Rule> rules = new ArrayList<>();

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            split = ",",
            order = 17,
            converter = Converters.ToProfile.class,
            completionCandidates = Profiles.class,
            description = "Rules after those of --rule: paper (none: every tensor the same), no-norms, attention-half,"
                    + " depth (from half of alpha in the first block to one and a half in the last).")
    private List<RuleProfile> profiles = new ArrayList<>();

    @Option(
            names = "--rank",
            paramLabel = "K",
            order = 17,
            description = "Extrapolate only the part of rank K of each matrix's delta, and vectors only where a --rule"
                    + " says so (LoX, arXiv 2506.15606). At most 4096; 0, the default: all of every delta.")
    private @Nullable Integer rank;

    @Option(
            names = "--recipe",
            paramLabel = "FILE",
            order = 18,
            description = "Begin with the options in a YAML file, or with those that an existing GGUF output was made"
                    + " with; what the command line says comes first.")
    private @Nullable Path recipe;

    @Mixin
    private AcceptFlag accept;

    /** For completion scripts. */
    static final class Profiles implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(RuleProfile.values())
                    .map(RuleProfile::toString)
                    .iterator();
        }
    }

    /** The options of every output: each alpha with each type; reads the files that they name. */
    public List<PlanOptions> planOptions(Optional<List<Float>> givenAlphas, TypeFlags types) throws IOException {
        return planOptions(givenAlphas, OptionalDouble.empty(), types);
    }

    /**
     * Same, of checkpoints.
     *
     * @param to the step that the command line says
     */
    public List<PlanOptions> planOptions(Optional<List<Float>> givenAlphas, OptionalDouble to, TypeFlags types)
            throws IOException {
        if (rank != null && (rank < 0 || rank > PlanOptions.MAX_RANK)) {
            throw new IllegalArgumentException("--rank is " + rank + ", expected 0 to " + PlanOptions.MAX_RANK);
        }
        RecipeStart start = (recipe == null ? RecipeStart.NOTHING : RecipeFile.read(recipe)).withStep(to);
        float without = start.options().toStep().isPresent() ? 1 : PairFlags.DEFAULT_ALPHA;
        List<Float> alphas = givenAlphas.or(start::alphas).orElse(List.of(without));
        List<TensorAlphaRule> all =
                new ArrayList<>(rules.stream().map(Distances.Rule::rule).toList());
        if (profiles.isEmpty()) {
            all.addAll(start.options().alphaRules());
        }
        profiles.forEach(profile -> all.addAll(profile.rules()));
        RecipeStart accepting = start.accepting(accept.keys());
        return types.planOptions(rank == null ? accepting : accepting.withRank(rank), all, alphas);
    }

    /** The options of {@link #planOptions} with the alphas that distances say, of rules and of the pair. */
    public List<PlanOptions> resolve(
            BaseCommand command,
            Extrapolator models,
            Optional<PairFlags> pair,
            List<PlanOptions> options,
            WorkOptions how)
            throws IOException {
        List<Double> distances = pair.map(PairFlags::distances).orElse(List.of());
        if (pair.filter(PairFlags::hasCheckpoints).isPresent()
                && options.stream().anyMatch(each -> each.toStep().isEmpty())) {
            throw command.usage("Missing required option: '--to=STEP'");
        }
        pair.flatMap(PairFlags::note).ifPresent(command.console()::note);
        if (hasDistances() && options.stream().anyMatch(each -> each.toStep().isPresent())) {
            throw command.usage("a rule with a distance is of a pair; with --checkpoint say an alpha");
        }
        if (pair.isEmpty() && hasDistances()) {
            throw command.usage("a rule with a distance needs a pair");
        }
        if ((!distances.isEmpty() || hasDistances()) && options.stream().anyMatch(each -> each.rank() > 0)) {
            throw command.usage("a distance is of the whole delta, and --rank takes a part of it: say an alpha");
        }
        return Distances.resolve(command, models, options, distances, rules, how);
    }

    /** Refuses a {@code --rule} that decides about no tensor. */
    public void requireUse(BaseCommand command, Plan plan) {
        for (int i = 0; i < rules.size(); i++) { // which all others follow
            TensorAlphaRule rule = plan.options().alphaRules().get(i);
            if (plan.idleRules().contains(rule)) {
                throw command.usage(IdleRules.refusal("--rule", rule.text(), rule.name(), plan));
            }
        }
    }

    /** Whether rules were asked for by name. */
    public boolean hasProfiles() {
        return !profiles.isEmpty();
    }

    /** Whether a rule says a distance. */
    public boolean hasDistances() {
        return rules.stream().anyMatch(rule -> rule.distance().isPresent());
    }
}
