package io.github.expogguf.convert.rule;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What rules.txt says; how it is written stands at its top.
 *
 * @param prefixes before every source
 * @param rules    by architecture
 * @param unused   reasons by the names of safetensors tensors that no GGUF holds
 */
record RuleText(List<String> prefixes, Map<String, List<Rule>> rules, Map<Pattern, String> unused) {

    /** Heads the rules for every architecture. */
    static final String EVERY = "*";

    private static final Pattern HEADING = Pattern.compile("\\[([a-z0-9_* -]+)]");
    private static final Pattern PREFIXES = Pattern.compile("prefixes( +\\S+)+");
    private static final Pattern RULE = Pattern.compile("(\\S+) +< +(.+)");
    private static final Pattern INSTEAD = Pattern.compile("instead +(\\S+) +(\\S+)");
    private static final Pattern UNUSED = Pattern.compile("unused +(\\S+) +(\\S.*)");

    static final RuleText ALL = read(resource());

    private record Line(int number, String text) {}

    List<Rule> rules(String architecture) {
        return rules.getOrDefault(architecture, List.of());
    }

    /** @throws IllegalStateException naming the line that is not understood */
    static RuleText read(String text) {
        List<String> prefixes = new ArrayList<>();
        Map<String, List<Rule>> rules = new LinkedHashMap<>();
        Map<Pattern, String> unused = new LinkedHashMap<>();
        Map<String, String> instead = new LinkedHashMap<>();
        List<String> architectures = List.of();
        for (Line line : lines(text)) {
            Matcher heading = HEADING.matcher(line.text());
            Matcher reason = UNUSED.matcher(line.text());
            Matcher other = INSTEAD.matcher(line.text());
            if (heading.matches()) {
                architectures = List.of(heading.group(1).strip().split(" +"));
            } else if (PREFIXES.matcher(line.text()).matches()) {
                Stream.of(line.text().split(" +"))
                        .skip(1)
                        .map(prefix -> prefix.equals("-") ? "" : prefix)
                        .forEach(prefixes::add);
            } else if (reason.matches()) {
                unused.put(glob(reason.group(1)), reason.group(2));
            } else if (other.matches()) {
                instead.put(other.group(1), other.group(2));
            } else {
                if (architectures.isEmpty()) {
                    throw new IllegalStateException(
                            "rules.txt, line " + line.number() + ": before the first heading: " + line.text());
                }
                List<Rule> ways = rules(line, instead);
                architectures.forEach(name ->
                        rules.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(ways));
            }
        }
        return new RuleText(List.copyOf(prefixes), rules, unused);
    }

    private static List<Line> lines(String text) {
        List<Line> lines = new ArrayList<>();
        List<String> written = text.lines().toList();
        for (int number = 1; number <= written.size(); number++) {
            String line = written.get(number - 1);
            if (line.startsWith(" ") && !lines.isEmpty()) {
                Line above = lines.removeLast();
                lines.add(new Line(above.number(), above.text() + " " + line.strip()));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                lines.add(new Line(number, line.strip()));
            }
        }
        return lines;
    }

    private static List<Rule> rules(Line line, Map<String, String> instead) {
        try {
            Matcher matcher = RULE.matcher(line.text());
            if (!matcher.matches()) {
                throw new IllegalArgumentException("expected 'TARGET < SOURCE ...'");
            }
            List<Rule> rules = new ArrayList<>();
            for (String way : matcher.group(2).split(" or ")) {
                rules.add(RuleLine.read(matcher.group(1), way.strip(), instead));
            }
            return rules;
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "rules.txt, line " + line.number() + ": " + e.getMessage() + ": " + line.text(), e);
        }
    }

    private static Pattern glob(String text) {
        return Pattern.compile(
                Stream.of(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    private static String resource() {
        try (InputStream file = Objects.requireNonNull(RuleText.class.getResourceAsStream("rules.txt"), "rules.txt")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
