package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.value.JinjaException;
import java.time.ZonedDateTime;
import java.util.Map;

/** What came of rendering a template. */
sealed interface Rendering {

    record Text(String text) implements Rendering {}

    /**
     * An error.
     *
     * @param kind {@link #RAISED} where the template called {@code raise_exception}, else the class of Python's
     *     exception, or the kind of ours
     */
    record Refusal(String kind, String message) implements Rendering {}

    /** The kind of a refusal by the template itself. */
    String RAISED = "raise_exception";

    /** The kind of what ours alone can do, and never may. */
    String CRASH = "crash";

    /** A template with all that it is given. */
    record Request(String template, Map<String, Object> variables, ZonedDateTime now) {}

    /** What the evaluator makes of it. */
    static Rendering ours(Request request) {
        try {
            return new Text(JinjaTemplate.parse(request.template()).render(request.variables(), request.now()));
        } catch (JinjaException e) {
            return new Refusal(e.isRaisedByTemplate() ? RAISED : e.kind().name(), e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            return new Refusal(CRASH, e.toString());
        }
    }
}
