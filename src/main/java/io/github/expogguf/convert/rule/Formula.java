package io.github.expogguf.convert.rule;

import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.convert.gather.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/** One way in which a tensor of a GGUF may come from safetensors tensors. */
public final class Formula {

    private final String target;
    private final Rule rule;
    private final List<String> prefixes;
    private final Map<String, Long> variables;

    /** A rule for one tensor, whose name says what the variables are. */
    Formula(String target, Rule rule, List<String> prefixes, Map<String, Long> variables) {
        this.target = target;
        this.rule = rule;
        this.prefixes = prefixes;
        this.variables = Map.copyOf(variables);
    }

    /** {@return name of the GGUF's tensor} */
    public String target() {
        return target;
    }

    OptionalLong block() {
        Long block = variables.get("N");
        return block == null ? OptionalLong.empty() : OptionalLong.of(block);
    }

    boolean isOf(Rule other) {
        return rule.equals(other);
    }

    /** {@return the rule as it is written, with the number of the block; for messages} */
    public String text() {
        String text = rule.text();
        Long block = variables.get("N");
        Long suffix = variables.get("S");
        text = block == null ? text : text.replaceAll("(?<=\\.)N(?=\\.)", block.toString());
        return suffix == null ? text : text.replaceAll("(?<=\\.)S(?= |;|$)", suffix == 0 ? "weight" : "bias");
    }

    /** {@return whether no weight is behind it: a converter computes it, and it is taken from the template} */
    public boolean isTemplate() {
        return rule.terms().isEmpty();
    }

    /**
     * {@return where the elements are, empty where a source is missing or has a shape that the rule is not for}
     *
     * @param elementCount of the target, which what is returned has, too
     * @param shapeOf      the shape of a safetensors tensor, empty if there is none of the name
     * @param numbers      of the model
     */
    public Optional<Gathering> bind(
            long elementCount, Function<String, Optional<long[]>> shapeOf, NumberSource numbers) {
        Scope scope = Scope.of(numbers, variables).with("elements", elementCount);
        OptionalLong count = rule.loop().count().size(scope);
        if (isTemplate() || count.isEmpty() || count.getAsLong() == 0) {
            return Optional.empty();
        }
        if (isExcluded(shapeOf, scope)) {
            return Optional.empty();
        }
        return Stream.concat(Stream.of(rule.terms()), rule.others().stream())
                .flatMap(terms -> prefixes.stream()
                        .flatMap(prefix -> gather(prefix, terms, count.getAsLong(), shapeOf, scope).stream()))
                .filter(gathering -> gathering.elementCount() == elementCount)
                .findFirst();
    }

    /**
     * {@return the names of all sources, for each prefix that they may have; none where they are counted}
     *
     * @param numbers of the model
     */
    public List<List<String>> sources(NumberSource numbers) {
        if (rule.terms().stream()
                .anyMatch(term -> term.source().counts(rule.loop().variable()))) {
            return List.of();
        }
        Scope scope = Scope.of(numbers, variables);
        return Stream.concat(Stream.of(rule.terms()), rule.others().stream())
                .flatMap(terms -> prefixes.stream()
                        .map(prefix -> terms.stream()
                                .flatMap(term -> term.source().fill(scope).stream())
                                .map(prefix::concat)
                                .distinct()
                                .toList()))
                .toList();
    }

    private boolean isExcluded(Function<String, Optional<long[]>> shapeOf, Scope scope) {
        return rule.unless().stream()
                .flatMap(other -> other.fill(scope).stream())
                .flatMap(name -> prefixes.stream().map(prefix -> prefix + name))
                .anyMatch(name -> shapeOf.apply(name).isPresent());
    }

    private Optional<Gathering> gather(
            String prefix, List<Term> terms, long count, Function<String, Optional<long[]>> shapeOf, Scope scope) {
        List<Part> parts = new ArrayList<>();
        for (long index = 0; index < count; index++) {
            Scope inner = scope.with(rule.loop().variable(), index);
            for (Term term : terms) {
                Optional<Part> part = term.bind(prefix, shapeOf, inner);
                if (part.isEmpty()) {
                    return Optional.empty();
                }
                parts.add(part.get());
            }
        }
        return Optional.of(new Gathering(parts));
    }

    @Override
    public String toString() {
        return target + " < " + text();
    }
}
