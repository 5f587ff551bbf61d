package io.github.expogguf.convert.rule;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** The rules for one architecture: its own, and for tensors of which it has none those for all. */
public final class RuleBook {

    private static final String MORE_TOKENS = "multi-token prediction"; // in blocks that follow those of the model
    private static final NumberSource NONE = (_, _) -> OptionalDouble.empty();

    private final RuleText text;
    private final List<Rule> own;
    private final List<Rule> general;

    private RuleBook(RuleText text, String architecture) {
        this.text = text;
        this.own = text.rules(architecture);
        this.general = text.rules(RuleText.EVERY);
    }

    /**
     * {@return the rules for one}
     *
     * @param architecture {@code general.architecture} of a GGUF; one that is not known has the rules for all
     */
    public static RuleBook of(String architecture) {
        return of(RuleText.ALL, architecture);
    }

    static RuleBook of(RuleText text, String architecture) {
        return new RuleBook(text, architecture);
    }

    /**
     * {@return the ways to make a tensor of a GGUF, the most likely first; none for a name without a rule}
     *
     * @param target its name
     */
    public List<Formula> formulas(String target) {
        List<Formula> formulas = formulas(own, target);
        return formulas.isEmpty() ? formulas(general, target) : formulas;
    }

    private List<Formula> formulas(List<Rule> rules, String target) {
        List<String> name = NamePattern.parts(target);
        return rules.stream()
                .flatMap(rule -> rule.target().match(name).stream()
                        .map(variables -> new Formula(target, rule, text.prefixes(), variables)))
                .toList();
    }

    /**
     * {@return what a safetensors tensor is, or is a part of}
     *
     * @param source its name
     */
    public List<Formula> formulasOf(String source) {
        return Stream.concat(own.stream(), general.stream())
                .flatMap(rule -> targets(rule, source)
                        .distinct()
                        .flatMap(target -> formulas(target).stream())
                        .filter(formula -> formula.isOf(rule)))
                .toList();
    }

    private Stream<String> targets(Rule rule, String source) {
        return text.prefixes().stream()
                .filter(source::startsWith)
                .map(prefix -> NamePattern.parts(source.substring(prefix.length())))
                .flatMap(name -> rule.terms().stream().flatMap(term -> term.source().match(name).stream()))
                .flatMap(variables -> rule.target().fill(Scope.of(NONE, variables)).stream());
    }

    /**
     * {@return why a safetensors tensor is in no GGUF, empty where it should be}
     *
     * @param source  its name
     * @param numbers of the model
     */
    public Optional<String> whyUnused(String source, NumberSource numbers) {
        return text.unused().entrySet().stream()
                .filter(entry -> entry.getKey().matcher(source).matches())
                .map(Map.Entry::getValue)
                .findFirst()
                .or(() -> isBeyondTheBlocks(source, numbers) ? Optional.of(MORE_TOKENS) : Optional.empty());
    }

    private boolean isBeyondTheBlocks(String source, NumberSource numbers) {
        OptionalDouble blocks = numbers.number("block_count", 0);
        return blocks.isPresent()
                && formulasOf(source).stream()
                        .anyMatch(formula -> formula.block().orElse(-1) >= blocks.getAsDouble());
    }
}
