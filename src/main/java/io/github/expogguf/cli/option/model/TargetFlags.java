package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.report.MixtureText;
import io.github.expogguf.cli.terminal.TextOutput;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.SizeTarget;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.MeasuredMixture;
import io.github.expogguf.run.SizedMixture;
import io.github.expogguf.score.DivergenceOn;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.text.Escape;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Sizes that outputs keep to, in the place of file types. */
public final class TargetFlags {

    private static final String K = "K";
    private static final String IQ = "IQ";

    /** Of these, those of less than three bits need an importance matrix. */
    private static final List<GgmlType> IQ_TYPES = List.of(GgmlType.IQ3_S, GgmlType.IQ4_XS);

    private static final List<GgmlType> IQ_TYPES_BY_IMPORTANCE = List.of(
            GgmlType.IQ1_S, GgmlType.IQ1_M, GgmlType.IQ2_XXS, GgmlType.IQ2_XS, GgmlType.IQ2_S, GgmlType.IQ3_XXS);

    @Option(
            names = "--target-size",
            paramLabel = "N(K|M|G)",
            split = ",",
            order = 20,
            converter = ToBytes.class,
            description =
                    "The best file of at most this many kilobytes, megabytes or gigabytes, as in 4.5G: each tensor"
                            + " gets the type that loses least for its bytes, measured by quantizing a sample.")
    private List<SizeTarget> sizes = new ArrayList<>();

    @Option(
            names = "--target-bpw",
            paramLabel = "BITS",
            split = ",",
            order = 20,
            converter = ToBits.class,
            description = "Same, of at most this many bits per weight, as in 4.8.")
    private List<SizeTarget> bits = new ArrayList<>();

    @Option(
            names = "--target-types",
            paramLabel = "TYPE",
            split = ",",
            order = 20,
            description = "Types to choose from for a size: tensor types, K for Q2_K to Q6_K and Q8_0, IQ for the IQ"
                    + " types, which are smaller and slower. Default: K.")
    private List<String> types = new ArrayList<>();

    @Option(
            names = "--target-text",
            paramLabel = "FILE",
            order = 20,
            description = "Measure on the model itself, with this text, what errors in each tensor do to its output;"
                    + " takes the memory of the model in F16, and some minutes or hours.")
    private @Nullable Path text;

    @Option(
            names = "--target-prompts",
            paramLabel = "FILE",
            order = 20,
            description = "The same, on the model's own answers to prompts, in its chat template: JSON objects with"
                    + " prompt or instruction, a text or a conversation.")
    private @Nullable Path prompts;

    @Written
    @Option(
            names = "--save-tensor-types",
            paramLabel = "FILE",
            order = 20,
            description = "Write the types that were chosen for a size as rules for --tensor-type-file, here or in"
                    + " llama-quantize.")
    private @Nullable Path rules;

    /** {@code N(K|M|G)}, decimal units. */
    static final class ToBytes implements ITypeConverter<SizeTarget> {

        private static final Pattern SIZE = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)([KMG])");

        @Override
        public SizeTarget convert(String text) {
            Matcher matcher = SIZE.matcher(text.toUpperCase(Locale.ROOT));
            if (!matcher.matches()) {
                throw new TypeConversionException(Escape.quote(text) + " is not a size such as 4.5G or 800M");
            }
            double unit = Math.pow(1000, 1 + "KMG".indexOf(matcher.group(2)));
            return target(text, Math.floor(Double.parseDouble(matcher.group(1)) * unit), SizeTarget.Unit.BYTES);
        }
    }

    /** Bits per weight. */
    static final class ToBits implements ITypeConverter<SizeTarget> {
        @Override
        public SizeTarget convert(String text) {
            return target(
                    text, Double.parseDouble(Float.toString(Converters.finite(text))), SizeTarget.Unit.BITS_PER_WEIGHT);
        }
    }

    private static SizeTarget target(String text, double amount, SizeTarget.Unit unit) {
        if (amount <= 0) {
            throw new TypeConversionException(Escape.quote(text) + " is not a size of a file");
        }
        return new SizeTarget(amount, unit, SizeTarget.K_TYPES);
    }

    /**
     * The options of every output: those for file types, if any are asked for, and of each alpha those for the sizes.
     *
     * @param recipes of every alpha with every file type
     */
    public List<PlanOptions> apply(BaseCommand command, List<PlanOptions> recipes, boolean hasTypes) {
        return apply(command, recipes, hasTypes, recipes.getFirst().imatrix().isPresent());
    }

    /**
     * Same.
     *
     * @param hasImportance whether there is an importance matrix, or will be one
     */
    public List<PlanOptions> apply(
            BaseCommand command, List<PlanOptions> recipes, boolean hasTypes, boolean hasImportance) {
        List<SizeTarget> targets = Stream.of(sizes, bits).flatMap(List::stream).toList();
        if (targets.isEmpty()) {
            String idle = !types.isEmpty()
                    ? "--target-types"
                    : text != null
                            ? "--target-text"
                            : prompts != null ? "--target-prompts" : rules != null ? "--save-tensor-types" : "";
            if (!idle.isEmpty()) {
                throw command.usage(
                        idle + " is for types that are chosen for a size: add --target-size or --target-bpw");
            }
            return recipes;
        }
        if (recipes.getFirst().pure()) {
            throw command.usage(
                    "--pure gives all tensors one type, and a size is kept to by a mixture: say one of both");
        }
        if (text != null && prompts != null) {
            throw command.usage("--target-text and --target-prompts are two ways to measure: say one of both");
        }
        Set<PlanOptions> all = new LinkedHashSet<>();
        for (PlanOptions recipe : recipes) {
            if (hasTypes || recipe.fileType().isPresent()) {
                all.add(recipe);
            }
        }
        for (PlanOptions recipe : recipes) {
            List<GgmlType> from = types(command, hasImportance);
            for (SizeTarget target : targets) {
                all.add(recipe.withTypesOfAligned().toBuilder()
                        .sizeTarget(target.withTypes(from))
                        .build());
            }
        }
        if (rules != null && targets.size() > 1) {
            throw command.usage("--save-tensor-types saves the types of one size, and several are asked for");
        }
        return List.copyOf(all);
    }

    private List<GgmlType> types(BaseCommand command, boolean hasImportance) {
        Set<GgmlType> chosen = new LinkedHashSet<>();
        for (String word : types.isEmpty() ? List.of(K) : types) {
            switch (word.toUpperCase(Locale.ROOT)) {
                case K -> chosen.addAll(SizeTarget.K_TYPES);
                case IQ -> {
                    chosen.addAll(IQ_TYPES);
                    if (hasImportance) {
                        chosen.addAll(IQ_TYPES_BY_IMPORTANCE);
                    }
                }
                default -> chosen.add(type(command, word));
            }
        }
        return chosen.stream()
                .sorted(Comparator.comparingDouble(GgmlType::bitsPerWeight))
                .toList();
    }

    private static GgmlType type(BaseCommand command, String word) {
        try {
            return GgmlType.parse(word);
        } catch (IllegalArgumentException e) {
            throw command.usage("Invalid value for option '--target-types': " + e.getMessage());
        }
    }

    /**
     * Finds the types for the sizes.
     *
     * @return the options of every output, with types
     */
    public List<PlanOptions> find(
            BaseCommand command, Extrapolator models, List<PlanOptions> recipes, OutputOptions how, MixtureText report)
            throws IOException {
        if (rules != null) {
            new TextOutput(rules, how.force()).check();
        }
        Optional<MeasuredMixture.Ruler> ruler = ruler();
        List<PlanOptions> found = new ArrayList<>();
        for (PlanOptions recipe : recipes) {
            if (recipe.sizeTarget().isEmpty()) {
                found.add(recipe);
                continue;
            }
            SizedMixture mixture = command.checked(() -> ruler.isPresent()
                    ? MeasuredMixture.find(models, recipe, ruler.get(), how)
                    : models.mixture(recipe, how));
            report.add(mixture);
            save(recipe, mixture, how.force());
            found.add(mixture.options());
        }
        return found;
    }

    private Optional<MeasuredMixture.Ruler> ruler() throws IOException {
        if (prompts != null) {
            return Optional.of(DivergenceOn.answers(PromptFile.read(prompts)));
        }
        return text == null ? Optional.empty() : Optional.of(DivergenceOn.text(text.toString(), TextFile.read(text)));
    }

    private void save(PlanOptions asked, SizedMixture mixture, boolean force) throws IOException {
        if (rules == null) {
            return;
        }
        List<TensorTypeRule> chosen = mixture.options().tensorTypes();
        String text = chosen.subList(asked.tensorTypes().size(), chosen.size()).stream()
                .map(TensorTypeRule::text)
                .collect(Collectors.joining("\n", "", "\n"));
        new TextOutput(rules, force).write(text);
    }
}
