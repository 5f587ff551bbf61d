package io.github.expogguf.convert;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The rules for one architecture. */
public final class RuleBook {

    private final RuleText text;
    private final List<Rule> rules;

    private RuleBook(RuleText text, List<Rule> rules) {
        this.text = text;
        this.rules = rules;
    }

    /**
     * {@return its own rules and those for all}
     *
     * @param architecture {@code general.architecture} of a GGUF; one without rules of its own has those for all
     */
    public static RuleBook of(String architecture) {
        return of(RuleText.ALL, architecture);
    }

    static RuleBook of(RuleText text, String architecture) {
        return new RuleBook(
                text,
                Stream.concat(text.rules(architecture).stream(), text.rules(RuleText.EVERY).stream())
                        .toList());
    }

    /**
     * {@return the ways to make a tensor of a GGUF, the most likely first; none for a name without a rule}
     *
     * @param target its name
     */
    public List<Formula> formulas(String target) {
        return rules.stream()
                .flatMap(
                        rule -> rule.target().match(target).stream().map(variables -> formula(target, rule, variables)))
                .toList();
    }

    /**
     * {@return what a safetensors tensor is, or is a part of}
     *
     * @param source its name
     */
    public List<Formula> formulasOf(String source) {
        return rules.stream()
                .flatMap(rule -> text.prefixes().stream()
                        .filter(source::startsWith)
                        .flatMap(prefix -> of(rule, source.substring(prefix.length()))))
                .toList();
    }

    private Stream<Formula> of(Rule rule, String name) {
        return rule.terms().stream()
                .flatMap(term -> term.source().match(name).stream())
                .limit(1)
                .flatMap(variables -> rule
                        .target()
                        .fill(new Scope((_, _) -> java.util.OptionalDouble.empty(), variables))
                        .map(target -> formula(target, rule, variables))
                        .stream());
    }

    private Formula formula(String target, Rule rule, Map<String, Long> variables) {
        return new Formula(target, rule, text.prefixes(), variables);
    }

    /**
     * {@return why a safetensors tensor is in no GGUF, empty where it should be}
     *
     * @param source its name
     */
    public Optional<String> whyUnused(String source) {
        return text.unused().entrySet().stream()
                .filter(entry -> entry.getKey().matcher(source).matches())
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
