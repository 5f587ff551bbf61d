package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.Sentinel;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import org.jspecify.annotations.Nullable;

/**
 * {@code object.name} and {@code object[key]} as jinja2's sandbox looks them up: members and items stand in for each
 * other.
 */
public final class Lookup {

    private Lookup() {}

    /** A member, or else an item of that name, or else undefined. */
    public static @Nullable Object memberOrItem(@Nullable Object object, String name, Work work) throws JinjaException {
        Object member = member(object, name, work);
        if (member != Sentinel.NO_MEMBER) {
            return member;
        }
        if (object instanceof PyDict dict) {
            PyDict.Entry entry = dict.get(name);
            return entry != null ? entry.value() : Undefined.member(object, name);
        }
        if (object instanceof Undefined undefined) {
            throw undefined.error();
        }
        return Undefined.member(object, name);
    }

    /** An item, or else a member of that name, or else undefined. */
    public static @Nullable Object itemOrMember(@Nullable Object object, @Nullable Object key, Work work)
            throws JinjaException {
        try {
            return Items.item(object, key, work);
        } catch (JinjaException e) {
            if (e.kind() != JinjaException.Kind.TYPE && e.kind() != JinjaException.Kind.LOOKUP) {
                throw e;
            }
        }
        if (Types.isString(key)) {
            Object member = member(object, Types.string(key), work);
            if (member != Sentinel.NO_MEMBER) {
                return member;
            }
        }
        return Undefined.member(object, key);
    }

    /** The member, an undefined value if it is withheld, or {@link Sentinel#NO_MEMBER}. */
    public static @Nullable Object member(@Nullable Object object, String name, Work work) throws JinjaException {
        if (Types.isString(object) && FormatMethods.isOne(name)) {
            return FormatMethods.get(object, name, new Fields(work), work);
        }
        return Members.get(object, name, work);
    }

    /** Formats see members and items as templates do. */
    private record Fields(Work work) implements StringFormat.Fields {

        @Override
        public @Nullable Object member(@Nullable Object object, String name) throws JinjaException {
            return memberOrItem(object, name, work);
        }

        @Override
        public @Nullable Object item(@Nullable Object object, @Nullable Object key) throws JinjaException {
            return itemOrMember(object, key, work);
        }
    }
}
