package io.github.expogguf.infer.jinja.value;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a variable or member is that does not exist: false, empty when written or iterated over, and an error in any
 * other operation. It knows why it is undefined.
 */
public final class Undefined implements Sized, OwnRepr {

    private static final Sentinel NO_OBJECT = new Sentinel();

    private final @Nullable String hint; // null if the name says it all
    private final @Nullable Object object; // whose member it would be
    private final @Nullable Object name;
    private final boolean unsafe;

    private Undefined(@Nullable String hint, @Nullable Object object, @Nullable Object name, boolean unsafe) {
        this.hint = hint;
        this.object = object;
        this.name = name;
        this.unsafe = unsafe;
    }

    public static Undefined variable(String name) {
        return new Undefined(null, NO_OBJECT, name, false);
    }

    public static Undefined member(@Nullable Object object, @Nullable Object name) {
        return new Undefined(null, object, name, false);
    }

    public static Undefined because(String hint) {
        return new Undefined(hint, NO_OBJECT, null, false);
    }

    /** A member that the sandbox keeps to itself. */
    public static Undefined unsafe(@Nullable Object object, String name) throws JinjaException {
        String what = "access to attribute " + Repr.of(name) + " of " + Repr.of(Types.name(object));
        return new Undefined(what + " object is unsafe.", object, name, true);
    }

    /** What an operation on it throws. */
    public JinjaException error() throws JinjaException {
        if (unsafe) {
            return JinjaException.security(Objects.requireNonNull(hint));
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

    @Override
    public String typeName() {
        return "Undefined";
    }

    @Override
    public long length() {
        return 0;
    }

    @Override
    public String repr() {
        return "Undefined";
    }

    /** All are equal. */
    @Override
    public Object key() {
        return Undefined.class;
    }
}
