package io.github.expogguf.plan.recipe;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.OutputTemplate;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Sha256;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How a file was made, as its own metadata tells under {@code expo.*}: enough to plan it again.
 *
 * @param version         version of expo-gguf
 * @param llamaCppVersion version of llama.cpp
 * @param alpha           weight of the delta; empty if one model was quantized without extrapolation
 * @param models          what the file was made from
 * @param rules           what else was asked for, a line each: the name of an option and its value
 * @param imatrixDigest   SHA-256 of the importance matrix; empty if there was none, or it was made in memory
 * @param chatTemplate    the chat template that the file was given; empty if it has that of the (aligned) model
 * @param evidence        how alpha was chosen, by key; empty if nobody said
 * @param choosesRounding whether rounding was chosen for every tensor where the rules do not name one; files from
 *                        before there was a choice were rounded to nearest
 */
public record Recipe(
        String version,
        String llamaCppVersion,
        Optional<Float> alpha,
        Ingredients<RecordedModel> models,
        List<String> rules,
        Optional<String> imatrixDigest,
        Optional<OutputTemplate> chatTemplate,
        Map<String, MetadataValue> evidence,
        boolean choosesRounding) {

    /** Key of the version of llama.cpp whose quantizers wrote the file. */
    public static final String LLAMA_CPP_VERSION = RecipeKeys.PREFIX + "llama_cpp.version";

    private static final String VERSION = RecipeKeys.PREFIX + "version";
    private static final String WEIGHT = RecipeKeys.PREFIX + "weight";
    private static final String FORMULA = RecipeKeys.PREFIX + "formula";
    private static final String RULES = RecipeKeys.PREFIX + "rules";
    private static final String ROUNDING = RecipeKeys.PREFIX + "rounding";
    private static final String AUTO = "auto";
    private static final String IMATRIX_DIGEST = RecipeKeys.PREFIX + "imatrix.sha256";
    private static final String CHAT_TEMPLATE_DIGEST = RecipeKeys.PREFIX + "chat_template.sha256";

    /** In all lists: two sets of 65,535 shards, more than there can be of one, have as many names and digests. */
    private static final int MAX_STRINGS = 1 << 18;

    /** Copies the collections. */
    public Recipe {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(llamaCppVersion, "llamaCppVersion");
        Objects.requireNonNull(alpha, "alpha");
        Objects.requireNonNull(models, "models");
        Objects.requireNonNull(imatrixDigest, "imatrixDigest");
        Objects.requireNonNull(chatTemplate, "chatTemplate");
        rules = Elements.copy(rules, "rules");
        evidence = Elements.copy(evidence, "evidence");
    }

    /** {@return the file names of the SFT model; empty without one} */
    public List<String> sftFiles() {
        return models.sft().map(RecordedModel::files).orElse(List.of());
    }

    /** {@return their SHA-256} */
    public List<String> sftDigests() {
        return models.sft().map(RecordedModel::digests).orElse(List.of());
    }

    /** {@return the file names of the aligned model, or of the one that was quantized} */
    public List<String> alignedFiles() {
        return models.aligned().files();
    }

    /** {@return their SHA-256} */
    public List<String> alignedDigests() {
        return models.aligned().digests();
    }

    /**
     * {@return the recipe for a file, with zeros in place of the digests}
     *
     * @param files   names of the files of each model
     * @param options alpha, types, and everything else that decides the output
     */
    public static Map<String, MetadataValue> metadata(Ingredients<List<String>> files, PlanOptions options) {
        Objects.requireNonNull(files, "files");
        boolean isExtrapolated = files.sft().isPresent();
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put(VERSION, MetadataValue.ofString(Versions.EXPO_GGUF));
        values.put(LLAMA_CPP_VERSION, MetadataValue.ofString(Versions.llamaCpp()));
        if (isExtrapolated) {
            values.put(RecordedValues.ALPHA, MetadataValue.ofFloat32(options.alpha()));
            if (options.toStep().isEmpty()) {
                values.put(WEIGHT, MetadataValue.ofFloat32((float) (1.0 + options.alpha()))); // mergekit's parameter
            }
            values.put(
                    FORMULA,
                    MetadataValue.ofString(formula(options)
                            + (files.deltas().isEmpty() ? "" : " + weight * delta of every expo.delta")));
        }
        RecordedModel.write(files, values);
        values.put(RULES, MetadataValue.ofStrings(RecipeRules.write(options)));
        if (isExtrapolated && options.rounding().isEmpty()) {
            values.put(ROUNDING, MetadataValue.ofString(AUTO));
        }
        options.imatrix()
                .flatMap(Imatrix::source)
                .ifPresent(source -> values.put(IMATRIX_DIGEST, MetadataValue.ofString(source.sha256())));
        options.chatTemplate()
                .ifPresent(template -> values.put(CHAT_TEMPLATE_DIGEST, MetadataValue.ofString(template.sha256())));
        values.putAll(options.evidence());
        return values;
    }

    private static String formula(PlanOptions options) {
        if (options.toStep().isPresent()) {
            return "aligned + alpha * (predicted - aligned), predicted on the first direction of the checkpoints'"
                    + " deltas";
        }
        return options.rank() == 0
                ? "aligned + alpha * (aligned - sft)"
                : "aligned + alpha * rank-" + options.rank() + " part of (aligned - sft)";
    }

    /**
     * Reads the recipe of a file; empty if it has none.
     *
     * @param metadata metadata of a model's file
     * @return the recipe; empty if the file has none
     * @throws VerificationException if it has an incomplete one, or a larger one than any file can have been made by
     */
    public static Optional<Recipe> read(Metadata metadata) {
        Objects.requireNonNull(metadata, "metadata");
        if (metadata.get(VERSION).isEmpty()) {
            return Optional.empty();
        }
        long strings = metadata.asMap().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(RecipeKeys.PREFIX)
                        && entry.getValue().type() == MetadataType.ARRAY
                        && entry.getValue().elementType() == MetadataType.STRING)
                .mapToLong(entry -> entry.getValue().elementCount())
                .sum();
        if (strings > MAX_STRINGS) {
            throw new VerificationException(
                    "a recipe of " + strings + " values in lists, expected at most " + MAX_STRINGS);
        }
        return Optional.of(new Recipe(
                RecordedValues.string(metadata, VERSION),
                RecordedValues.string(metadata, LLAMA_CPP_VERSION),
                metadata.get(RecordedValues.ALPHA).map(Recipe::alpha),
                RecordedModel.read(metadata),
                RecordedValues.strings(metadata, RULES),
                metadata.string(IMATRIX_DIGEST),
                chatTemplate(metadata),
                evidence(metadata),
                choosesRounding(metadata)));
    }

    /**
     * {@return the options of a file that was planned without an importance matrix}
     *
     * @throws VerificationException    if the rules cannot be read
     * @throws IllegalArgumentException if there was an importance matrix
     */
    public PlanOptions options() {
        if (usesImatrix()) {
            throw new IllegalArgumentException("the file was made with an imatrix");
        }
        return optionsWithoutImatrix();
    }

    /**
     * {@return the options of a file that was planned with an importance matrix}
     *
     * @param imatrix the importance matrix that was used; which file it was, say {@link #imatrixFile} and {@link
     *                #imatrixDigest}
     * @throws VerificationException    if the rules cannot be read
     * @throws IllegalArgumentException if there was none
     */
    public PlanOptions options(Imatrix imatrix) {
        Objects.requireNonNull(imatrix, "imatrix");
        if (!usesImatrix()) {
            throw new IllegalArgumentException("the file was made without an imatrix");
        }
        return optionsWithoutImatrix().toBuilder().imatrix(imatrix).build();
    }

    /**
     * {@return the options the file was planned with but for the importance matrix}
     *
     * @throws VerificationException if the rules cannot be read
     */
    public PlanOptions optionsWithoutImatrix() {
        PlanOptions.Builder builder = PlanOptions.builder();
        try {
            if (alpha.isPresent() && !choosesRounding) {
                builder.rounding(Rounding.NEAREST);
            }
            RecipeRules.read(rules, builder);
            alpha.ifPresent(builder::alpha); // after a step, which has an alpha of its own
            chatTemplate.ifPresent(builder::chatTemplate);
            builder.evidence(evidence);
            return builder.build();
        } catch (IllegalArgumentException malformed) {
            throw new VerificationException(RULES + ": " + malformed.getMessage());
        }
    }

    /** {@return whether tensors had an alpha of their own} */
    public boolean hasAlphaRules() {
        return rules.stream().anyMatch(RecipeRules::isAlpha);
    }

    /** {@return whether an importance matrix was used} */
    public boolean usesImatrix() {
        return rules.stream().anyMatch(RecipeRules::isImatrix);
    }

    /** {@return the name of the file of the importance matrix; empty if there was none, or it was made in memory} */
    public Optional<String> imatrixFile() {
        return rules.stream()
                .filter(RecipeRules::isImatrix)
                .map(RecipeRules::value)
                .filter(name -> !name.isEmpty())
                .findFirst();
    }

    private static Optional<OutputTemplate> chatTemplate(Metadata metadata) {
        Optional<String> rule = RecordedValues.strings(metadata, RULES).stream()
                .filter(RecipeRules::isChatTemplate)
                .findFirst();
        if (rule.isEmpty()) {
            return Optional.empty();
        }
        String expected = RecordedValues.string(metadata, CHAT_TEMPLATE_DIGEST);
        String actual = OutputTemplate.sha256(metadata).orElse(Sha256.PLACEHOLDER);
        if (!actual.equals(expected)) {
            throw new VerificationException(OutputTemplate.KEY
                    + " is not the chat template of the recipe: SHA-256 " + actual
                    + ", expected " + expected);
        }
        return Optional.of(
                new OutputTemplate(RecipeRules.value(rule.get()), RecordedValues.string(metadata, OutputTemplate.KEY)));
    }

    private static Map<String, MetadataValue> evidence(Metadata metadata) {
        Map<String, MetadataValue> evidence = new LinkedHashMap<>(metadata.asMap());
        evidence.keySet().removeIf(key -> !key.startsWith(RecipeKeys.EVIDENCE));
        return evidence;
    }

    private static boolean choosesRounding(Metadata metadata) {
        Optional<String> rounding = metadata.string(ROUNDING);
        if (rounding.isPresent() && !rounding.get().equals(AUTO)) {
            throw new VerificationException(ROUNDING + " is " + Escape.quote(rounding.get()) + ", expected " + AUTO);
        }
        return rounding.isPresent();
    }

    private static float alpha(MetadataValue value) {
        if (value.type() != MetadataType.FLOAT32) {
            throw new VerificationException(
                    RecordedValues.ALPHA + " is of type " + value.typeName() + ", expected FLOAT32");
        }
        return (float) value.asDouble();
    }
}
