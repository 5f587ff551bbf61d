package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.Piece.Characters;
import io.github.expogguf.infer.jinja.Piece.Derived;
import io.github.expogguf.infer.jinja.Piece.Optional;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Random templates from a grammar, whose file explains its notation. The same seed gives the same template for as long
 * as the grammar stays the same.
 */
final class TemplateGrammar {

    /** Below this depth only alternatives without a name of a rule are taken, where a rule has them. */
    private static final int MAX_DEPTH = 7;

    private static final Pattern RULE = Pattern.compile("([A-Za-z]+)(?: \\*([0-9]+))? =(?: (.*))?");
    private static final Pattern TOKEN = Pattern.compile("\\$(?:([A-Za-z]+)|\\{([A-Za-z]+)})|&#x([0-9a-f]+);|«|»");

    /** An alternative of a rule, or a part of it that may be left out. */
    private sealed interface Element {
        record Plain(String text) implements Element {}

        record Name(String rule) implements Element {}

        record Maybe(List<Element> elements) implements Element {}
    }

    private final Map<String, List<List<Element>>> rules = new LinkedHashMap<>();

    private TemplateGrammar() {}

    static TemplateGrammar read(Path file) throws IOException {
        TemplateGrammar grammar = new TemplateGrammar();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher rule = RULE.matcher(line);
            if (!rule.matches()) {
                throw new IllegalArgumentException(file + ": not a rule: " + line);
            }
            int weight = rule.group(2) == null ? 1 : Integer.parseInt(rule.group(2));
            List<Element> alternative = elements(rule.group(3) == null ? "" : rule.group(3));
            for (int i = 0; i < weight; i++) {
                grammar.rules
                        .computeIfAbsent(rule.group(1), name -> new ArrayList<>())
                        .add(alternative);
            }
        }
        grammar.rules.values().forEach(alternatives -> alternatives.forEach(grammar::requireRules));
        return grammar;
    }

    private static List<Element> elements(String alternative) {
        Deque<List<Element>> open = new ArrayDeque<>(List.of(new ArrayList<>()));
        Matcher token = TOKEN.matcher(alternative);
        int end = 0;
        while (token.find()) {
            addPlain(open.peek(), alternative.substring(end, token.start()));
            end = token.end();
            switch (token.group().charAt(0)) {
                case '$' -> open.peek().add(new Element.Name(token.group(1) != null ? token.group(1) : token.group(2)));
                case '&' -> addPlain(open.peek(), Character.toString(Integer.parseInt(token.group(3), 16)));
                case '«' -> {
                    List<Element> maybe = new ArrayList<>();
                    open.peek().add(new Element.Maybe(maybe));
                    open.push(maybe);
                }
                default -> open.pop();
            }
        }
        addPlain(open.peek(), alternative.substring(end));
        return open.pop();
    }

    private static void addPlain(List<Element> elements, String text) {
        if (!text.isEmpty()) {
            elements.add(new Element.Plain(text));
        }
    }

    private void requireRules(List<Element> elements) {
        for (Element element : elements) {
            switch (element) {
                case Element.Plain plain -> {}
                case Element.Maybe(List<Element> inner) -> requireRules(inner);
                case Element.Name(String rule) -> {
                    if (!rules.containsKey(rule)) {
                        throw new IllegalArgumentException("no rule " + rule);
                    }
                }
            }
        }
    }

    /** A template. */
    Piece generate(long seed) {
        return derive("Template", new SplittableRandom(seed), 0);
    }

    private Derived derive(String rule, SplittableRandom random, int depth) {
        List<List<Element>> alternatives = rules.get(rule);
        if (depth >= MAX_DEPTH) {
            List<List<Element>> leaves =
                    alternatives.stream().filter(TemplateGrammar::isLeaf).toList();
            alternatives = leaves.isEmpty() ? alternatives : leaves;
        }
        List<Element> chosen = alternatives.get(random.nextInt(alternatives.size()));
        return new Derived(rule, parts(chosen, random, depth + 1));
    }

    private List<Piece> parts(List<Element> elements, SplittableRandom random, int depth) {
        List<Piece> parts = new ArrayList<>();
        for (Element element : elements) {
            switch (element) {
                case Element.Plain(String text) -> parts.add(new Characters(text));
                case Element.Name(String rule) -> parts.add(derive(rule, random, depth));
                case Element.Maybe(List<Element> inner) -> {
                    if (depth < MAX_DEPTH && random.nextBoolean()) {
                        parts.add(new Optional(parts(inner, random, depth)));
                    }
                }
            }
        }
        return parts;
    }

    private static boolean isLeaf(List<Element> elements) {
        return elements.stream().allMatch(Element.Plain.class::isInstance);
    }
}
