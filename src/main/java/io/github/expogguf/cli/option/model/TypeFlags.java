package io.github.expogguf.cli.option.model;

import io.github.expogguf.RuleException;
import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.recipe.RecipeStart;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.match.FirstMatch;
import io.github.expogguf.plan.match.RuleMatches;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.options.TypeChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that decide the types and the metadata of the output; names and meaning are llama-quantize's. */
public final class TypeFlags {

    /** Of one pass; a recipe may be a stranger's, and lists of alphas and types multiply. */
    private static final int MAX_OUTPUTS = 64;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            split = ",",
            order = 20,
            converter = Converters.ToFileType.class,
            completionCandidates = Converters.TypeNames.class,
            description =
                    "File type of the output, by llama-quantize's names, aliases or numbers, in any case: Q4_K_M, q8_0,"
                            + " F16, ... Default: every tensor keeps the type it has in the (aligned) model.")
    private List<TypeChoice> types = new ArrayList<>();

    @Option(
            names = "--imatrix",
            paramLabel = "FILE",
            order = 21,
            description = "Importance matrix, GGUF or the older format; the smallest types need one.")
    private @Nullable Path imatrix;

    @Option(
            names = "--tensor-type",
            paramLabel = "REGEX=TYPE",
            order = 22,
            converter = Converters.ToTensorTypeRule.class,
            description = "Type of the tensors whose name contains a match; may be repeated, the first match wins.")
    private List<TensorTypeRule> tensorTypes = new ArrayList<>();

    @Option(
            names = "--tensor-type-file",
            paramLabel = "FILE",
            order = 23,
            description = "Reads further REGEX=TYPE from a file, separated by white space.")
    private @Nullable Path tensorTypeFile;

    @Option(
            names = "--output-tensor-type",
            paramLabel = "TENSOR_TYPE",
            order = 24,
            converter = Converters.ToTensorType.class,
            description = "Type of output.weight: q6_K, Q8_0, ...")
    private @Nullable GgmlType outputTensorType;

    @Option(
            names = "--token-embedding-type",
            paramLabel = "TENSOR_TYPE",
            order = 25,
            converter = Converters.ToTensorType.class,
            description = "Type of token_embd.weight.")
    private @Nullable GgmlType tokenEmbeddingType;

    @Option(
            names = "--pure",
            order = 26,
            description = "No mixtures: every tensor gets the default type of the file type.")
    private boolean pure;

    @Option(names = "--leave-output-tensor", order = 27, description = "Keep output.weight in the type it has.")
    private boolean leaveOutputTensor;

    @Option(
            names = "--override-kv",
            paramLabel = "KEY=TYPE:VALUE",
            order = 28,
            converter = Converters.ToOverride.class,
            description = "Set a metadata key of the output; TYPE is int, float, bool or str; may be repeated.")
    private List<KeyValueOverride> overrides = new ArrayList<>();

    @Option(
            names = "--drop-mtp",
            order = 29,
            description =
                    "Leave out the (aligned) model's blocks for multi-token prediction (MTP, nextn), or the counts"
                            + " that announce them where they are missing.")
    private boolean dropMtp;

    private boolean imatrixComes;

    /** Has an importance matrix come from elsewhere, whatever a recipe says of one. */
    public TypeFlags withImatrixToCome() {
        imatrixComes = true;
        return this;
    }

    /** Whether the command line names an importance matrix. */
    public boolean hasImatrix() {
        return imatrix != null;
    }

    /** Whether the command line names file types. */
    public boolean namesTypes() {
        return !types.isEmpty();
    }

    /** The options of one model that is not extrapolated, with each type. */
    public List<PlanOptions> planOptions() throws IOException {
        return planOptions(RecipeStart.NOTHING, List.of(), List.of(0f));
    }

    /**
     * The options of every output: each alpha with each type; reads the files that they name.
     *
     * @param start  what holds where the command line says nothing
     * @param rules  alphas of single tensors
     * @param alphas weights of the delta
     * @throws IllegalArgumentException if a file of rules holds something else, or there would be too many outputs
     */
    public List<PlanOptions> planOptions(RecipeStart start, List<TensorAlphaRule> rules, List<Float> alphas)
            throws IOException {
        PlanOptions.Builder builder = commonOptions(start).alphaRules(rules);
        List<PlanOptions> all = new ArrayList<>();
        List<TypeChoice> fileTypes = types.isEmpty() ? start.types().orElse(List.of(TypeChoice.NONE)) : types;
        if ((long) alphas.size() * fileTypes.size() > MAX_OUTPUTS) {
            throw new IllegalArgumentException(
                    Units.count(alphas.size(), "alpha") + " with " + Units.count(fileTypes.size(), "type")
                            + ", expected at most " + MAX_OUTPUTS + " outputs of one pass");
        }
        for (float alpha : alphas) {
            for (TypeChoice type : fileTypes) {
                all.add(type.in(builder.alpha(alpha).build()));
            }
        }
        return all;
    }

    /** Refuses a {@code --tensor-type} that decides about no tensor; a file of them may be for other models, too. */
    public void requireUse(BaseCommand command, Plan plan) {
        if (tensorTypes.isEmpty()) {
            return;
        }
        FirstMatch<TensorTypeRule> first =
                new FirstMatch<>(RuleException.Decides.TYPE, tensorTypes, TensorTypeRule::name, new RuleMatches());
        Set<TensorTypeRule> deciding = plan.aligned().tensors().stream()
                .flatMap(tensor -> first.in(tensor.name()).stream())
                .collect(Collectors.toSet());
        tensorTypes.stream()
                .filter(rule -> !deciding.contains(rule))
                .findFirst()
                .ifPresent(rule -> {
                    throw command.usage(IdleRules.refusal("--tensor-type", rule.text(), rule.name(), plan));
                });
    }

    private PlanOptions.Builder commonOptions(RecipeStart start) throws IOException {
        List<TensorTypeRule> rules = new ArrayList<>(tensorTypes);
        if (tensorTypeFile != null) {
            rules.addAll(readRules(tensorTypeFile));
        }
        PlanOptions begin = start.options();
        rules.addAll(begin.tensorTypes());
        List<KeyValueOverride> keys = new ArrayList<>(begin.overrides());
        keys.addAll(overrides); // a later one replaces an earlier one
        PlanOptions.Builder builder = begin.toBuilder()
                .tensorTypes(rules)
                .pure(pure || begin.pure())
                .dropMtp(dropMtp || begin.dropMtp())
                .leaveOutputTensor(leaveOutputTensor || begin.leaveOutputTensor())
                .overrides(keys);
        if (outputTensorType != null) {
            builder.outputTensorType(outputTensorType);
        }
        if (tokenEmbeddingType != null) {
            builder.tokenEmbeddingType(tokenEmbeddingType);
        }
        if (!imatrixComes) {
            start.readImatrix(imatrix).ifPresent(builder::imatrix);
        }
        return builder;
    }

    private static List<TensorTypeRule> readRules(Path file) throws IOException {
        try {
            return Converters.tensorTypeRules(TextFile.read(file));
        } catch (TypeConversionException wrong) {
            throw new IllegalArgumentException(file + ": " + wrong.getMessage(), wrong);
        }
    }
}
