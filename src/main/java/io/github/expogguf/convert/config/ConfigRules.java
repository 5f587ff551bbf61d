package io.github.expogguf.convert.config;

import io.github.expogguf.convert.rule.ExpressionReader;
import io.github.expogguf.convert.rule.NumberExpression;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What config.txt says; how it is written stands at its top. */
final class ConfigRules {

    static final ConfigRules ALL = read(resource());

    private static final String EVERY = "*";
    private static final String NOTHING = "-";

    /**
     * One line.
     *
     * @param names      of config.json that the expression has, in its order
     * @param expression empty where config.json says nothing of the key
     * @param isForAll   whether it is no line of the architecture's own
     */
    record Rule(List<String> names, Optional<NumberExpression> expression, boolean isForAll) {}

    private final Map<String, Map<String, Rule>> rules = new HashMap<>(); // by architecture and key
    private final Map<String, Set<String>> architectures = new HashMap<>(); // by model_type

    private ConfigRules() {}

    /** By key, without the architecture before it. */
    Map<String, Rule> of(String architecture) {
        Map<String, Rule> all = new LinkedHashMap<>(rules.getOrDefault(EVERY, Map.of()));
        all.putAll(rules.getOrDefault(architecture, Map.of()));
        return all;
    }

    /** Those that a GGUF of a model type may have; none where that is not known. */
    Set<String> architectures(String modelType) {
        return architectures.getOrDefault(modelType, Set.of());
    }

    static ConfigRules read(String text) {
        Pattern heading = Pattern.compile("\\[([a-z0-9 *-]+)]");
        Pattern line = Pattern.compile("([a-z_.]+) < (.+)");
        ConfigRules read = new ConfigRules();
        List<String> heads = List.of();
        for (String each : text.replaceAll("\n +", " ").lines().toList()) {
            Matcher head = heading.matcher(each);
            Matcher rule = line.matcher(each);
            if (head.matches()) {
                heads = List.of(head.group(1).split(" "));
            } else if (each.startsWith("types ")) {
                for (String type : each.substring("types ".length()).split(" ")) {
                    read.architectures
                            .computeIfAbsent(type, _ -> new TreeSet<>())
                            .addAll(heads);
                }
            } else if (rule.matches()) {
                for (String architecture : heads) {
                    read.rules
                            .computeIfAbsent(architecture, _ -> new LinkedHashMap<>())
                            .put(rule.group(1), rule(rule.group(2), architecture.equals(EVERY)));
                }
            } else if (!each.isBlank() && !each.startsWith("#")) {
                throw new IllegalStateException("config.txt: not understood: " + each);
            }
        }
        return read;
    }

    private static Rule rule(String expression, boolean isForAll) {
        List<String> names = Pattern.compile("config\\.([a-z0-9_.]+)")
                .matcher(expression)
                .results()
                .map((MatchResult name) -> name.group(1))
                .toList();
        return new Rule(
                names,
                expression.equals(NOTHING) ? Optional.empty() : Optional.of(ExpressionReader.read(expression)),
                isForAll);
    }

    private static String resource() {
        try (InputStream file =
                Objects.requireNonNull(ConfigRules.class.getResourceAsStream("config.txt"), "config.txt")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
