package io.github.expogguf.convert.rule;

import io.github.expogguf.convert.gather.ValueFunction;
import io.github.expogguf.convert.rule.Rule.Loop;
import io.github.expogguf.convert.rule.Term.ScopedFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    private static final NumberExpression NONE = ExpressionReader.read("0");
    private static final Loop ONCE = new Loop("once", ExpressionReader.read("1"));
    private static final Loop EXPERTS = new Loop("E", ExpressionReader.read("expert_count"));

    private RuleLine() {}

    /**
     * One way.
     *
     * @param instead starts of sources, and by what each may be replaced
     * @throws IllegalArgumentException if it is none
     */
    static Rule read(String target, String text, Map<String, String> instead) {
        NamePattern name = new NamePattern(target);
        if (text.equals(TEMPLATE)) {
            return new Rule(text, name, ONCE, List.of(), List.of(), List.of());
        }
        List<String> parts = List.of(text.split(" unless "));
        List<NamePattern> unless = parts.stream().skip(1).map(NamePattern::new).toList();
        Matcher each = LOOP.matcher(parts.getFirst());
        boolean repeats = each.matches();
        List<String> sources = Stream.of((repeats ? each.group(3) : parts.getFirst()).split(";"))
                .map(String::strip)
                .toList();
        List<Term> terms = sources.stream().map(RuleLine::term).toList();
        List<List<Term>> others = instead.entrySet().stream()
                .filter(other -> sources.stream().allMatch(source -> source.startsWith(other.getKey())))
                .map(other -> sources.stream()
                        .map(source -> term(other.getValue()
                                + source.substring(other.getKey().length())))
                        .toList())
                .toList();
        Loop usual = terms.stream().anyMatch(term -> term.source().counts("E")) ? EXPERTS : ONCE;
        Loop loop = repeats ? new Loop(each.group(1), ExpressionReader.read(each.group(2))) : usual;
        return new Rule(parts.getFirst(), name, loop, terms, others, unless);
    }

    private static Term term(String term) {
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
