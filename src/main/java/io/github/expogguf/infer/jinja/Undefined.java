package io.github.expogguf.infer.jinja;

/**
 * What a variable or member is that does not exist: false, empty when written or iterated over, and an error in any
 * other operation. It knows why it is undefined.
 */
final class Undefined {

    private static final Object NO_OBJECT = new Object();

    private final String hint; // null if the name says it all
    private final Object object; // whose member it would be
    private final Object name;
    private final boolean unsafe;

    private Undefined(String hint, Object object, Object name, boolean unsafe) {
        this.hint = hint;
        this.object = object;
        this.name = name;
        this.unsafe = unsafe;
    }

    static Undefined variable(String name) {
        return new Undefined(null, NO_OBJECT, name, false);
    }

    static Undefined member(Object object, Object name) {
        return new Undefined(null, object, name, false);
    }

    static Undefined because(String hint) {
        return new Undefined(hint, NO_OBJECT, null, false);
    }

    /** A member that the sandbox keeps to itself. */
    static Undefined unsafe(Object object, String name) throws JinjaException {
        String what = "access to attribute " + Repr.of(name) + " of " + Repr.of(Types.name(object));
        return new Undefined(what + " object is unsafe.", object, name, true);
    }

    /** What an operation on it throws. */
    JinjaException error() throws JinjaException {
        if (unsafe) {
            return JinjaException.security(hint);
        }
        return JinjaException.undefined(hint != null ? hint : message());
    }

    private String message() throws JinjaException {
        if (object == NO_OBJECT) {
            return Repr.of(name, null) + " is undefined";
        }
        String owner = Types.description(object);
        return Types.isString(name)
                ? Repr.of(owner) + " has no attribute " + Repr.of(name, null)
                : owner + " has no element " + Repr.of(name, null);
    }
}
