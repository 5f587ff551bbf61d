package io.github.expogguf.convert;

import io.github.expogguf.convert.Rule.Loop;
import io.github.expogguf.convert.Term.ScopedFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads one way of making a tensor: {@code SOURCE OPERATION... ; SOURCE ...}. */
final class RuleLine {

    static final String TEMPLATE = "template";

    private static final Pattern LOOP = Pattern.compile("each ([A-Z]) ([^:]+): *(.+)");
    private static final Pattern CALL = Pattern.compile(" *([a-z]+)(\\((?:[^()]|\\([^()]*\\))*\\))?");
    private static final Pattern UNLESS = Pattern.compile("(.+) unless (\\S+)");
    private static final NumberExpression NONE = ExpressionReader.read("0");
    private static final Loop ONCE = new Loop("once", ExpressionReader.read("1"));
    private static final Loop EXPERTS = new Loop("E", ExpressionReader.read("expert_count"));

    private RuleLine() {}

    /**
     * One way.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Rule read(String target, String text) {
        if (text.equals(TEMPLATE)) {
            return new Rule(text, new NamePattern(target), ONCE, List.of(), Optional.empty());
        }
        Matcher unless = UNLESS.matcher(text);
        if (unless.matches()) {
            Rule rule = read(target, unless.group(1));
            NamePattern other = new NamePattern(unless.group(2));
            return new Rule(text, rule.target(), rule.loop(), rule.terms(), Optional.of(other));
        }
        Matcher loop = LOOP.matcher(text);
        boolean repeats = loop.matches();
        List<Term> terms = Stream.of((repeats ? loop.group(3) : text).split(";"))
                .map(RuleLine::term)
                .toList();
        if (repeats) {
            Loop each = new Loop(loop.group(1), ExpressionReader.read(loop.group(2)));
            return new Rule(text, new NamePattern(target), each, terms, Optional.empty());
        }
        boolean isOfExperts = terms.stream().anyMatch(term -> term.source().counts("E"));
        return new Rule(text, new NamePattern(target), isOfExperts ? EXPERTS : ONCE, terms, Optional.empty());
    }

    private static Term term(String text) {
        String term = text.strip();
        int end = term.indexOf(' ');
        String source = end < 0 ? term : term.substring(0, end);
        List<Operation> operations = new ArrayList<>();
        List<ScopedFunction> functions = new ArrayList<>();
        Matcher call = CALL.matcher(term).region(source.length(), term.length());
        while (call.lookingAt()) {
            List<String> arguments = arguments(call.group(2));
            Optional<ScopedFunction> function = function(call.group(1), arguments);
            function.ifPresent(functions::add);
            if (function.isEmpty()) {
                operations.add(operation(call.group(1), arguments));
            }
            call.region(call.end(), term.length());
        }
        if (call.regionStart() != term.length()) {
            throw new IllegalArgumentException("not understood: '" + term.substring(call.regionStart()) + "'");
        }
        return new Term(new NamePattern(source), List.copyOf(operations), List.copyOf(functions));
    }

    private static List<String> arguments(@Nullable String inBrackets) {
        return inBrackets == null
                ? List.of()
                : Stream.of(inBrackets.substring(1, inBrackets.length() - 1).split(","))
                        .map(String::strip)
                        .toList();
    }

    private static Optional<ScopedFunction> function(String name, List<String> arguments) {
        return switch (name + arguments.size()) {
            case "negexp0" -> Optional.of(ScopedFunction.of(ValueFunction.Kind.NEGATIVE_EXP, NONE));
            case "exp0" -> Optional.of(ScopedFunction.of(ValueFunction.Kind.EXP, NONE));
            case "plus1" -> Optional.of(function(ValueFunction.Kind.PLUS, arguments));
            case "times1" -> Optional.of(function(ValueFunction.Kind.TIMES, arguments));
            default -> Optional.empty();
        };
    }

    private static ScopedFunction function(ValueFunction.Kind kind, List<String> arguments) {
        return ScopedFunction.of(kind, ExpressionReader.read(arguments.getFirst()));
    }

    private static Operation operation(String name, List<String> arguments) {
        if (name.equals("split") && arguments.size() > 2) {
            List<Optional<NumberExpression>> parts = arguments.stream()
                    .skip(1)
                    .map(part -> part.equals("*")
                            ? Optional.<NumberExpression>empty()
                            : Optional.of(ExpressionReader.read(part)))
                    .toList();
            if (parts.stream().filter(Optional::isEmpty).count() > 1) {
                throw new IllegalArgumentException("more than one '*'");
            }
            return new Operation.Split(axis(arguments, 0), parts);
        }
        if (name.equals("swap") && arguments.size() == 2) {
            return new Operation.Swap(axis(arguments, 0), axis(arguments, 1));
        }
        if (name.equals("take") && (arguments.size() == 3 || arguments.size() == 4)) {
            List<NumberExpression> range = IntStream.range(1, arguments.size())
                    .mapToObj(index -> ExpressionReader.read(arguments.get(index)))
                    .toList();
            NumberExpression step = range.size() == 3 ? range.getLast() : _ -> OptionalDouble.of(1);
            return new Operation.Take(axis(arguments, 0), range.get(0), range.get(1), step);
        }
        throw new IllegalArgumentException("no operation " + name + " with " + arguments.size() + " arguments");
    }

    private static int axis(List<String> arguments, int index) {
        if (!arguments.get(index).matches("[0-9]")) {
            throw new IllegalArgumentException("axis '" + arguments.get(index) + "'");
        }
        return Integer.parseInt(arguments.get(index));
    }
}
