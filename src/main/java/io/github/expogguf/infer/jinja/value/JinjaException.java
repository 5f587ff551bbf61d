package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.Nullable;

/**
 * A template that is wrong, that fails with its input, that refuses its input, that asks for more than its bounds, or
 * that uses what this package does not know. The message has jinja2's and Python's words where they, too, would fail.
 */
public final class JinjaException extends Exception {

    private static final int MAX_MESSAGE = 1000; // a template may refuse with any text

    /** What went wrong, as far as the template language itself makes a difference. */
    public enum Kind {
        SYNTAX,
        UNDEFINED,
        SECURITY,
        TYPE,
        VALUE,
        LOOKUP,
        OTHER,
        RAISED,
        LIMIT,
        UNSUPPORTED
    }

    private final Kind kind;
    private final int line;

    private JinjaException(@Nullable String message, Kind kind, int line) {
        super(message, null, false, false); // a template may cause very many, and its line says more than our stack
        this.kind = kind;
        this.line = line;
    }

    private static JinjaException of(Kind kind, String message) {
        String text = message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...";
        return new JinjaException(text, kind, 0);
    }

    public static JinjaException syntax(String message, int line) {
        return of(Kind.SYNTAX, message).at(line);
    }

    static JinjaException undefined(String message) {
        return of(Kind.UNDEFINED, message);
    }

    static JinjaException security(String message) {
        return of(Kind.SECURITY, message);
    }

    /** A TypeError of Python. */
    public static JinjaException type(String message) {
        return of(Kind.TYPE, message);
    }

    /** A ValueError of Python. */
    public static JinjaException value(String message) {
        return of(Kind.VALUE, message);
    }

    /** A KeyError or IndexError of Python. */
    public static JinjaException lookup(String message) {
        return of(Kind.LOOKUP, message);
    }

    /** Any other error of Python or jinja2. */
    public static JinjaException other(String message) {
        return of(Kind.OTHER, message);
    }

    public static JinjaException raised(String message) {
        return of(Kind.RAISED, message);
    }

    /** More than a template may ask for. */
    public static JinjaException limit(String what) {
        return of(Kind.LIMIT, what);
    }

    /** What jinja2 can do and this package cannot. */
    public static JinjaException unsupported(String what) {
        return of(Kind.UNSUPPORTED, what + " is not supported");
    }

    /** The same with a line, unless it has one. */
    public JinjaException at(int lineNumber) {
        return line != 0 || lineNumber == 0 ? this : new JinjaException(getMessage(), kind, lineNumber);
    }

    public Kind kind() {
        return kind;
    }

    /** The line of the template, from 1, where it happened; 0 where there is none. */
    public int line() {
        return line;
    }

    /** Whether the template itself refuses the conversation, by calling {@code raise_exception}. */
    public boolean isRaisedByTemplate() {
        return kind == Kind.RAISED;
    }
}
