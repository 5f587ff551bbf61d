package io.github.expogguf.plan.recipe;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Options as lines, each an option of the command line and its value: {@code --tensor-type attn_v=Q8_0}. */
final class RecipeRules {

    private static final String RULE = "--rule";
    private static final String TYPE = "--type";
    private static final String TENSOR_TYPE = "--tensor-type";
    private static final String OUTPUT_TENSOR_TYPE = "--output-tensor-type";
    private static final String TOKEN_EMBEDDING_TYPE = "--token-embedding-type";
    private static final String PURE = "--pure";
    private static final String LEAVE_OUTPUT_TENSOR = "--leave-output-tensor";
    private static final String IMATRIX = "--imatrix";
    private static final String CHAT_TEMPLATE = "--chat-template";
    private static final String OVERRIDE_KV = "--override-kv";
    private static final String ACCEPT_DIFFERENCE = "--accept-difference";
    private static final String DROP_MTP = "--drop-mtp";
    private static final String RANK = "--rank";
    private static final String TO = "--to";
    private static final String ROUNDING = "--rounding";
    private static final String SEED = "--rounding-seed";
    private static final String STOCHASTIC = "stochastic";
    private static final String NEAREST = "nearest";

    private static final int SINGLE_RULES = 16; // rules that a recipe can have beside those for tensors and keys
    private static final int MAX_CHARACTERS = 1 << 19; // compiled expressions take up to seventy times the space

    private RecipeRules() {}

    /** @throws IllegalArgumentException if there are more than tensors could need */
    static List<String> write(PlanOptions options) {
        List<String> rules = new ArrayList<>();
        options.alphaRules().forEach(rule -> rules.add(RULE + " " + rule.text()));
        options.fileType().ifPresent(type -> rules.add(TYPE + " " + type));
        options.tensorTypes().forEach(rule -> rules.add(TENSOR_TYPE + " " + rule.text()));
        options.outputTensorType().ifPresent(type -> rules.add(OUTPUT_TENSOR_TYPE + " " + type));
        options.tokenEmbeddingType().ifPresent(type -> rules.add(TOKEN_EMBEDDING_TYPE + " " + type));
        if (options.pure()) {
            rules.add(PURE);
        }
        if (options.leaveOutputTensor()) {
            rules.add(LEAVE_OUTPUT_TENSOR);
        }
        options.imatrix()
                .ifPresent(imatrix -> rules.add(IMATRIX + " "
                        + imatrix.source().map(Imatrix.Source::fileName).orElse("")));
        options.chatTemplate().ifPresent(template -> rules.add(CHAT_TEMPLATE + " " + template.name()));
        options.rounding().ifPresent(rounding -> {
            if (rounding instanceof Rounding.Stochastic(long seed)) {
                rules.add(ROUNDING + " " + STOCHASTIC);
                rules.add(SEED + " " + seed);
            } else {
                rules.add(ROUNDING + " " + NEAREST);
            }
        });
        options.acceptedDifferences().forEach(key -> rules.add(ACCEPT_DIFFERENCE + " " + key));
        if (options.dropMtp()) {
            rules.add(DROP_MTP);
        }
        if (options.rank() > 0) {
            rules.add(RANK + " " + options.rank());
        }
        options.toStep().ifPresent(step -> rules.add(TO + " " + Numbers.brief(step)));
        options.overrides().forEach(override -> rules.add(OVERRIDE_KV + " " + override.text()));
        checkSize(rules);
        return rules;
    }

    private static void checkSize(List<String> rules) {
        int most = GgufLimits.maxPairs() + SINGLE_RULES;
        if (rules.size() > most) {
            throw new IllegalArgumentException(rules.size() + " rules, expected at most " + most + "; "
                    + GgufLimits.wayOut(GgufLimits.ENTRIES_PROPERTY, rules.size()));
        }
        long characters = rules.stream().mapToLong(String::length).sum();
        if (characters > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    "rules of " + characters + " characters, expected at most " + MAX_CHARACTERS);
        }
    }

    /**
     * @throws IllegalArgumentException if a line is none of those written above, or there are more, or longer ones,
     *                                  than could be written
     */
    static void read(List<String> rules, PlanOptions.Builder options) {
        checkSize(rules);
        List<TensorAlphaRule> alphaRules = new ArrayList<>();
        List<TensorTypeRule> tensorTypes = new ArrayList<>();
        List<KeyValueOverride> overrides = new ArrayList<>();
        Set<String> acceptedDifferences = new LinkedHashSet<>();
        for (String rule : rules) {
            String value = value(rule);
            try {
                switch (option(rule)) {
                    case RULE -> alphaRules.add(TensorAlphaRule.parse(value));
                    case TYPE -> options.fileType(FileType.parse(value));
                    case TENSOR_TYPE -> tensorTypes.add(TensorTypeRule.parse(value));
                    case OUTPUT_TENSOR_TYPE -> options.outputTensorType(GgmlType.parse(value));
                    case TOKEN_EMBEDDING_TYPE -> options.tokenEmbeddingType(GgmlType.parse(value));
                    case PURE -> options.pure(true);
                    case LEAVE_OUTPUT_TENSOR -> options.leaveOutputTensor(true);
                    case ACCEPT_DIFFERENCE -> acceptedDifferences.add(value);
                    case DROP_MTP -> options.dropMtp(true);
                    case RANK -> options.rank(Integer.parseInt(value));
                    case TO -> options.toStep(Double.parseDouble(value));
                    case OVERRIDE_KV -> overrides.add(KeyValueOverride.parse(value));
                    case ROUNDING -> options.rounding(rounding(value));
                    case SEED -> options.rounding(new Rounding.Stochastic(Long.parseLong(value)));
                    case IMATRIX, CHAT_TEMPLATE -> {} // the caller has them
                    default -> throw new IllegalArgumentException(Escape.quote(rule) + " is not a rule");
                }
            } catch (NumberFormatException wrong) {
                throw new IllegalArgumentException(Escape.quote(rule) + ": the value is not a number", wrong);
            }
        }
        options.alphaRules(alphaRules);
        options.tensorTypes(tensorTypes);
        options.overrides(overrides);
        options.acceptedDifferences(acceptedDifferences);
    }

    private static Rounding rounding(String text) {
        return switch (text) {
            case NEAREST -> Rounding.NEAREST;
            case STOCHASTIC -> new Rounding.Stochastic(0); // the line with the seed follows
            default -> throw new IllegalArgumentException(Escape.quote(text) + " is no rounding");
        };
    }

    static boolean isAlpha(String rule) {
        return option(rule).equals(RULE);
    }

    static boolean isImatrix(String rule) {
        return option(rule).equals(IMATRIX);
    }

    static boolean isChatTemplate(String rule) {
        return option(rule).equals(CHAT_TEMPLATE);
    }

    static String option(String rule) {
        int space = rule.indexOf(' ');
        return space < 0 ? rule : rule.substring(0, space);
    }

    static String value(String rule) {
        return rule.substring(Math.min(rule.length(), option(rule).length() + 1));
    }
}
