package io.github.expogguf.infer.jinja;

import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;

/** A parsed template. Immutable; any thread may render it. */
public final class JinjaTemplate {

    private static final int MAX_CHARACTERS = 1 << 20;

    private final List<Node> nodes;

    private JinjaTemplate(List<Node> nodes) {
        this.nodes = nodes;
    }

    /**
     * Parses a template.
     *
     * @throws JinjaException if it is wrong, or uses what this package does not know
     */
    public static JinjaTemplate parse(String source) throws JinjaException {
        if (source.length() > MAX_CHARACTERS) {
            throw JinjaException.unsupported("a template of " + source.length() + " characters");
        }
        return new JinjaTemplate(Parser.parse(source));
    }

    /**
     * Writes the template.
     *
     * @param variables strings, booleans, integers, longs, doubles, null, and lists and maps of them
     * @param now       the time that {@code strftime_now} tells
     * @throws JinjaException if the template refuses its input, or uses what this package does not know
     */
    public String render(Map<String, Object> variables, ZonedDateTime now) throws JinjaException {
        return new Evaluator(variables).run(nodes);
    }

    /**
     * Writes the template.
     *
     * @param variables strings, booleans, longs, and lists and maps of them
     * @throws JinjaException if the template refuses its input, or uses what this package does not know
     */
    public String render(Map<String, Object> variables) throws JinjaException {
        return new Evaluator(variables).run(nodes);
    }
}
