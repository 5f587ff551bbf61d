package io.github.expogguf.convert.rule;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The name of a tensor with places for a block {@code N}, an expert {@code E}, a head {@code H}, a suffix {@code S}
 * (weight or bias), and, in sources, for a number in braces.
 */
final class NamePattern {

    private static final List<String> COUNTED = List.of("N", "E", "H");
    private static final String NUMBER = "(0|[1-9]\\d{0,8})";
    private static final List<String> SUFFIXES = List.of("weight", "bias");

    private final String text;
    private final List<String> components;
    private final Map<String, NumberExpression> computed = new HashMap<>();
    private final Pattern pattern;

    /** @throws IllegalArgumentException if an expression in braces is none */
    NamePattern(String text) {
        this.text = text;
        components = List.of(text.split("\\.(?![^{]*})"));
        for (String component : components) {
            if (component.startsWith("{") && component.endsWith("}")) {
                computed.put(component, ExpressionReader.read(component.substring(1, component.length() - 1)));
            } else if (!component.matches("[A-Za-z0-9_-]+")) {
                throw new IllegalArgumentException("not a part of a name: '" + component + "'");
            }
        }
        pattern = Pattern.compile(components.stream().map(this::regex).collect(Collectors.joining("\\.")));
    }

    private String regex(String component) {
        if (COUNTED.contains(component)) {
            return "(?<" + component + ">" + NUMBER + ")";
        }
        if (component.equals("S")) {
            return "(?<S>weight|bias)";
        }
        return computed.containsKey(component) ? "(?!)" : Pattern.quote(component);
    }

    boolean counts(String variable) {
        return components.contains(variable);
    }

    /** The values of the variables, the suffix as its place in the list; one with an expression matches nothing. */
    Optional<Map<String, Long>> match(String name) {
        Matcher matcher = pattern.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Map<String, Long> values = new HashMap<>();
        COUNTED.stream()
                .filter(components::contains)
                .forEach(variable -> values.put(variable, Long.valueOf(matcher.group(variable))));
        if (components.contains("S")) {
            values.put("S", (long) SUFFIXES.indexOf(matcher.group("S")));
        }
        return Optional.of(values);
    }

    /** The name, empty where a number is not known. */
    Optional<String> fill(Scope scope) {
        StringBuilder name = new StringBuilder();
        for (String component : components) {
            Optional<String> filled = fill(component, scope);
            if (filled.isEmpty()) {
                return Optional.empty();
            }
            name.append(name.isEmpty() ? "" : ".").append(filled.get());
        }
        return Optional.of(name.toString());
    }

    private Optional<String> fill(String component, Scope scope) {
        if (component.equals("S")) {
            return Optional.ofNullable(scope.variables().get("S")).map(index -> SUFFIXES.get(index.intValue()));
        }
        if (COUNTED.contains(component)) {
            return Optional.ofNullable(scope.variables().get(component)).map(String::valueOf);
        }
        NumberExpression expression = computed.get(component);
        if (expression == null) {
            return Optional.of(component);
        }
        OptionalLong number = expression.size(scope);
        return number.isPresent() ? Optional.of(Long.toString(number.getAsLong())) : Optional.empty();
    }

    @Override
    public String toString() {
        return text;
    }
}
