package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.method.Lookup;
import io.github.expogguf.infer.jinja.value.Characters;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.NumberText;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The argument {@code attribute} of filters: keys with dots between them, those of digits being indices. */
record AttributePath(List<@Nullable Object> parts) {

    static AttributePath of(@Nullable Object attribute, Work work) throws JinjaException {
        if (attribute == null) {
            return new AttributePath(List.of());
        }
        if (!Types.isString(attribute)) {
            return new AttributePath(List.of(attribute));
        }
        List<@Nullable Object> parts = new ArrayList<>();
        for (String part : Types.string(attribute).split("\\.", -1)) {
            work.chargeObjects(1);
            boolean number = !part.isEmpty() && part.codePoints().allMatch(Characters::isDigit);
            parts.add(number ? NumberText.integer(part, 10) : part);
        }
        return new AttributePath(parts);
    }

    /** Several with commas between them. */
    static List<AttributePath> several(@Nullable Object attribute, Work work) throws JinjaException {
        if (!Types.isString(attribute)) {
            return List.of(of(attribute, work));
        }
        List<AttributePath> paths = new ArrayList<>();
        for (String path : Types.string(attribute).split(",", -1)) {
            work.chargeObjects(4);
            paths.add(of(path, work));
        }
        return paths;
    }

    /** What it leads to; what is undefined on the way is replaced, unless the default is null. */
    @Nullable
    Object get(@Nullable Object object, @Nullable Object otherwise, Work work) throws JinjaException {
        Object value = object;
        for (Object part : parts) {
            work.step();
            work.chargeObjects(1);
            value = Lookup.itemOrMember(value, part, work);
            if (otherwise != null && value instanceof Undefined) {
                value = otherwise;
            }
        }
        return value;
    }
}
