package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.syntax.Node;
import io.github.expogguf.infer.jinja.syntax.Parser;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Work;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A parsed template. Immutable; any thread may render it. */
public final class JinjaTemplate {

    private static final int MAX_CHARACTERS = 1 << 19;

    private final List<Node> nodes;
    private final Scopes scopes;

    private JinjaTemplate(List<Node> nodes, Scopes scopes) {
        this.nodes = nodes;
        this.scopes = scopes;
    }

    /**
     * Parses a template.
     *
     * @throws JinjaException if it is wrong, or uses what this package does not know
     */
    public static JinjaTemplate parse(String source) throws JinjaException {
        if (source.length() > MAX_CHARACTERS) {
            throw JinjaException.limit("a template of " + source.length() + " characters, more than " + MAX_CHARACTERS);
        }
        List<Node> nodes = Parser.parse(source);
        return new JinjaTemplate(nodes, Scopes.of(nodes));
    }

    /**
     * Writes the template.
     *
     * @param variables strings, booleans, integers, longs, doubles, null, and lists and maps of them
     * @param now       the time that {@code strftime_now} tells
     * @throws JinjaException if the template refuses its input or fails with it, asks for more than its bounds, or uses
     *     what this package does not know
     */
    public String render(Map<String, @Nullable Object> variables, ZonedDateTime now) throws JinjaException {
        return render(variables, now, Work.on(variables));
    }

    /** The same with other bounds. */
    String render(Map<String, @Nullable Object> variables, ZonedDateTime now, Work work) throws JinjaException {
        Context context = new Context(new Context(null, Globals.of(now, work)), Variables.of(variables));
        try {
            return new StatementEvaluator(scopes, context, work).run(nodes);
        } catch (StackOverflowError e) {
            // a thread with less than half of Java's usual stack; nothing outlives the evaluation
            throw JinjaException.limit(
                    "more blocks, expressions and macros inside each other than this thread's stack" + " has room for");
        }
    }
}
