package io.github.expogguf.card;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.SplitNames;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.RuleProfile;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.text.ShortNames;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names files after the GGUF naming convention (docs/gguf.md of ggml): {@code
 * BaseName-SizeLabel-FineTune-Version-Encoding.gguf}, as in {@code Zephyr-7B-beta-ExPO-0p3-v1.0-Q4_K_M.gguf}. The
 * convention allows letters and digits alone in BaseName and FineTune, so alpha has a {@code p} for its point, and
 * {@code minus} for its sign.
 */
public final class OutputName {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,4}x)?(\\d{1,4}[._])?\\d{1,6}[KMBTQkmbtq]");
    private static final Pattern VERSION = Pattern.compile("[vV]?(\\d{1,6}(\\.\\d{1,6}){0,3})");
    private static final Pattern ENCODING = Pattern.compile("(?i)i?q\\d\\w{0,8}|b?f(p)?(16|32)|gguf");

    /** The file name is at most a few of these long; file systems end at 255. */
    private static final int MAX_PART = 60;

    /** That stand for rules: of a thousand sets of rules, two have the same ones once in thirty directories. */
    private static final int LETTERS = 6;

    private String baseName = "";
    private String sizeLabel = "";
    private String fineTune = "";
    private String version = "";

    private OutputName() {}

    /**
     * {@return the name of a plan's output, without a number of a shard}
     *
     * @param plan a plan of the same models
     */
    public static String of(Plan plan) {
        OutputName name = new OutputName();
        Metadata metadata = plan.aligned().metadata();
        metadata.string("general.name")
                .filter(text -> !text.isBlank())
                .or(() -> Optional.of(SplitNames.prefix(
                        ShortNames.withoutFolders(plan.aligned().name()))))
                .ifPresent(name::parse);
        metadata.string("general.basename")
                .map(OutputName::words)
                .filter(text -> !text.isEmpty())
                .ifPresent(text -> {
                    name.baseName = text;
                    name.fineTune = metadata.string("general.finetune")
                            .map(OutputName::words)
                            .orElse(name.fineTune);
                });
        metadata.string("general.size_label")
                .filter(text -> SIZE.matcher(text).matches())
                .ifPresent(text -> name.sizeLabel = text);
        metadata.string("general.version").ifPresent(name::setVersion);
        return name.text(plan);
    }

    private String text(Plan plan) {
        List<String> parts = new ArrayList<>();
        parts.add(baseName.isEmpty() ? "model" : baseName);
        parts.add(sizeLabel.isEmpty() ? size(plan.aligned()) : sizeLabel.replace('_', '.'));
        if (!fineTune.isEmpty()) {
            parts.add(fineTune);
        }
        if (plan.options().toStep().isPresent()) {
            parts.add("Step-" + number(Numbers.decimal(plan.options().toStep().getAsDouble())));
        }
        if (plan.sft().isPresent()
                && !(plan.options().toStep().isPresent() && plan.options().alpha() == 1)) {
            parts.add("ExPO-" + number(Numbers.decimal(plan.options().alpha())));
            if (plan.options().rank() > 0) {
                parts.add("Rank-" + plan.options().rank());
            }
            rules(plan.options().alphaRules()).ifPresent(parts::add);
        }
        parts.add(version.isEmpty() ? "v1.0" : version);
        encoding(plan).ifPresent(type -> parts.add(type.name()));
        return String.join("-", parts) + ".gguf";
    }

    /** The profile whose rules these are, or letters that stand for them. */
    private static Optional<String> rules(List<TensorAlphaRule> rules) {
        if (rules.isEmpty()) {
            return Optional.empty();
        }
        return Arrays.stream(RuleProfile.values())
                .filter(profile -> profile.rules().equals(rules))
                .map(RuleProfile::toString)
                .findFirst()
                .or(() -> Optional.of("Rules-" + letters(rules)));
    }

    private static String letters(List<TensorAlphaRule> rules) {
        MessageDigest digest = Sha256.newDigest();
        rules.forEach(rule -> digest.update((rule.text() + "\n").getBytes(StandardCharsets.UTF_8)));
        return Sha256.digits(digest)
                .substring(0, LETTERS)
                .chars()
                .mapToObj(digit -> String.valueOf((char) ('a' + Character.digit(digit, 16))))
                .collect(Collectors.joining());
    }

    /**
     * As gguf-py reads the name of a repository: what stands before the size is the base, what follows the fine-tune.
     */
    private void parse(String name) {
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        for (String part : name.strip().split("[\\s\\-/]+")) {
            boolean isFirst = before.isEmpty();
            if (!isFirst && sizeLabel.isEmpty() && SIZE.matcher(part).matches()) {
                sizeLabel = part.substring(0, part.length() - 1).replace('_', '.')
                        + part.substring(part.length() - 1).toUpperCase(Locale.ROOT);
            } else if (!isFirst
                    && part.matches("[vV]\\d.*")
                    && VERSION.matcher(part).matches()) {
                setVersion(part);
            } else if (isFirst || !ENCODING.matcher(part).matches()) {
                (sizeLabel.isEmpty() ? before : after).add(part);
            }
        }
        baseName = words(String.join("-", before));
        fineTune = words(String.join("-", after));
    }

    private void setVersion(String text) {
        Matcher matcher = VERSION.matcher(text.strip());
        if (matcher.matches()) {
            version = "v" + matcher.group(1);
        }
    }

    /** Words of the convention: letters and digits, none that begins with a digit and goes on with letters. */
    private static String words(String text) {
        String words = text.replaceAll("[^A-Za-z0-9]+", "-").replaceAll("(?<![A-Za-z0-9])(\\d+)(?=[A-Za-z])", "$1-");
        String cut = words.substring(0, Math.min(MAX_PART, words.length()));
        return cut.replaceAll("^-+|-+$", "");
    }

    private static String number(String decimal) {
        return decimal.replace("-", "minus").replace('.', 'p');
    }

    private static Optional<FileType> encoding(Plan plan) {
        return plan.options()
                .fileType()
                .or(() -> plan.metadata().integer("general.file_type").stream()
                        .boxed()
                        .findFirst()
                        .flatMap(FileType::byId));
    }

    /**
     * Two digits at least, with the expert count before the size of a model with one expert ({@code size_label} in
     * gguf-py).
     */
    private static String size(ModelHeader model) {
        String architecture = model.metadata().architecture();
        long experts = model.metadata().integer(architecture + ".expert_count").orElse(0);
        long shared = elements(model, false);
        long expert = elements(model, true);
        return experts > 1 && expert > 0
                ? experts + "x" + rounded(shared + expert / experts)
                : rounded(shared + expert);
    }

    private static long elements(ModelHeader model, boolean ofExperts) {
        return model.tensors().stream()
                .filter(tensor -> tensor.name().contains("_exps.") == ofExperts)
                .map(TensorInfo::shape)
                .mapToLong(shape -> shape.elementCount())
                .sum();
    }

    private static String rounded(long weights) {
        String prefixes = "KMBT";
        int prefix = weights > 1e12 ? 3 : weights > 1e9 ? 2 : weights > 1e6 ? 1 : 0;
        double scaled = weights / Math.pow(1000, prefix + 1);
        return String.format(Locale.ROOT, scaled < 9.5 ? "%.1f%c" : "%.0f%c", scaled, prefixes.charAt(prefix));
    }
}
