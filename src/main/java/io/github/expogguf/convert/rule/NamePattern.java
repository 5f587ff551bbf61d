package io.github.expogguf.convert.rule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The name of a tensor with places for a block {@code N}, an expert {@code E}, a head {@code H}, a suffix {@code S}
 * (weight or bias), and, in sources, for a number in braces.
 */
final class NamePattern {

    private static final List<String> COUNTED = List.of("N", "E", "H");
    private static final int MAX_DIGITS = 9;
    private static final String SUFFIX = "S";
    private static final List<String> SUFFIXES = List.of("weight", "bias");

    /** What stands between two points. */
    private sealed interface Part {}

    private record Literal(String text) implements Part {}

    private record Variable(String name) implements Part {}

    private record Computed(NumberExpression number) implements Part {}

    private final String text;
    private final List<Part> parts = new ArrayList<>();

    /** @throws IllegalArgumentException if an expression in braces is none, or a variable stands there twice */
    NamePattern(String text) {
        this.text = text;
        for (String each : text.split("\\.(?![^{]*})")) {
            Part part = part(each);
            if (part instanceof Variable && parts.contains(part)) {
                throw new IllegalArgumentException("twice in a name: '" + each + "'");
            }
            parts.add(part);
        }
    }

    private static Part part(String text) {
        if (text.startsWith("{") && text.endsWith("}")) {
            return new Computed(ExpressionReader.read(text.substring(1, text.length() - 1)));
        }
        if (!text.matches("[A-Za-z0-9_-]+")) {
            throw new IllegalArgumentException("not a part of a name: '" + text + "'");
        }
        return COUNTED.contains(text) || text.equals(SUFFIX) ? new Variable(text) : new Literal(text);
    }

    boolean counts(String variable) {
        return parts.contains(new Variable(variable));
    }

    /** What stands between the points of a name. */
    static List<String> parts(String name) {
        return List.of(name.split("\\.", -1));
    }

    /**
     * The values of the variables, the suffix as its place in the list; one with an expression matches nothing.
     *
     * @param name in its parts, because every rule is asked for every tensor
     */
    Optional<Map<String, Long>> match(List<String> name) {
        if (name.size() != parts.size()) {
            return Optional.empty();
        }
        Map<String, Long> values = new HashMap<>();
        for (int i = 0; i < name.size(); i++) {
            boolean isMatch = switch (parts.get(i)) {
                case Literal(String literal) -> literal.equals(name.get(i));
                case Variable(String variable) -> {
                    long value = value(variable, name.get(i));
                    values.put(variable, value);
                    yield value >= 0;
                }
                case Computed _ -> false;
            };
            if (!isMatch) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }

    private static long value(String variable, String text) {
        return variable.equals(SUFFIX) ? SUFFIXES.indexOf(text) : number(text);
    }

    /** Of digits without a leading zero, otherwise -1. */
    private static long number(String text) {
        boolean isNumber = !text.isEmpty()
                && text.length() <= MAX_DIGITS
                && (text.length() == 1 || text.charAt(0) != '0')
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Long.parseLong(text) : -1;
    }

    /** The name, empty where a number is not known. */
    Optional<String> fill(Scope scope) {
        StringBuilder name = new StringBuilder();
        for (Part part : parts) {
            Optional<String> filled = switch (part) {
                case Literal(String literal) -> Optional.of(literal);
                case Variable(String variable) -> scope.variable(variable).map(value -> text(variable, value));
                case Computed(NumberExpression number) -> text(number.size(scope));
            };
            if (filled.isEmpty()) {
                return Optional.empty();
            }
            name.append(name.isEmpty() ? "" : ".").append(filled.get());
        }
        return Optional.of(name.toString());
    }

    private static String text(String variable, long value) {
        return variable.equals(SUFFIX) ? SUFFIXES.get((int) value) : Long.toString(value);
    }

    private static Optional<String> text(OptionalLong number) {
        return number.isPresent() ? Optional.of(Long.toString(number.getAsLong())) : Optional.empty();
    }

    @Override
    public String toString() {
        return text;
    }
}
