package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code text.format(...)} as the sandbox runs it: Python's string.Formatter, with members as templates see them. */
final class StringFormat {

    private static final int MAX_RECURSION = 2;

    /** How the name of a field goes on: {@code .name} and {@code [key]}. */
    interface Fields {

        @Nullable
        Object member(@Nullable Object object, String name) throws JinjaException;

        @Nullable
        Object item(@Nullable Object object, @Nullable Object key) throws JinjaException;
    }

    private final List<@Nullable Object> positional;
    private final @Nullable Map<String, @Nullable Object> named; // null: look up in the mapping
    private final @Nullable Object mapping;
    private final Fields fields;
    private final Work work;
    private boolean escaping;
    private long automatic; // -1: fields are numbered by hand

    StringFormat(List<@Nullable Object> positional, Map<String, @Nullable Object> named, Fields fields, Work work) {
        this.positional = positional;
        this.named = named;
        this.mapping = null;
        this.fields = fields;
        this.work = work;
    }

    /** With all names from one mapping. */
    StringFormat(@Nullable Object mapping, Fields fields, Work work) {
        this.positional = List.of();
        this.named = null;
        this.mapping = mapping;
        this.fields = fields;
        this.work = work;
    }

    /** Escapes what it puts in. */
    StringFormat escaping() {
        escaping = true;
        return this;
    }

    String format(String text) throws JinjaException {
        return format(text, MAX_RECURSION);
    }

    private String format(String text, int recursion) throws JinjaException {
        if (recursion < 0) {
            throw JinjaException.value("Max string recursion exceeded");
        }
        work.charge(text.length());
        StringBuilder result = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c != '{' && c != '}') {
                result.append(c);
            } else if (at < text.length() && text.charAt(at) == c) {
                result.append(c);
                at++;
            } else if (c == '}' || at == text.length()) {
                throw JinjaException.value("Single '" + c + "' encountered in format string");
            } else {
                int end = endOfField(text, at);
                String value = field(text.substring(at, end), recursion);
                work.charge(value.length());
                result.append(value);
                at = end + 1;
            }
        }
        return result.toString();
    }

    private static int endOfField(String text, int from) throws JinjaException {
        int open = 1;
        boolean inBrackets = false;
        boolean inName = true;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (inBrackets) {
                inBrackets = c != ']';
            } else if (c == '[' && inName) {
                inBrackets = true;
            } else if (c == '{') {
                if (inName) {
                    throw JinjaException.value("unexpected '{' in field name");
                }
                open++;
            } else if (c == '}') {
                if (--open == 0) {
                    return i;
                }
            } else if (c == ':' || c == '!') {
                inName = false;
            }
        }
        throw JinjaException.value("expected '}' before end of string");
    }

    private String field(String field, int recursion) throws JinjaException {
        int nameEnd = 0;
        boolean inBrackets = false;
        while (nameEnd < field.length()) {
            char c = field.charAt(nameEnd);
            if (!inBrackets && (c == ':' || c == '!')) {
                break;
            }
            inBrackets = c == '[' || (inBrackets && c != ']');
            nameEnd++;
        }
        String conversion = null;
        int at = nameEnd;
        if (field.startsWith("!", at)) {
            if (at + 1 >= field.length()) {
                throw JinjaException.value("unmatched '{' in format spec");
            }
            conversion = field.substring(at + 1, at + 2);
            at += 2;
            if (at < field.length() && field.charAt(at) != ':') {
                throw JinjaException.value("expected ':' after conversion specifier");
            }
        }
        String specification = at < field.length() ? field.substring(at + 1) : "";
        Object value = converted(value(numbered(field.substring(0, nameEnd))), conversion);
        return formatted(value, format(specification, recursion - 1));
    }

    private @Nullable Object converted(@Nullable Object value, @Nullable String conversion) throws JinjaException {
        return switch (conversion) {
            case null -> value;
            case "s" -> Text.of(value, work);
            case "r" -> Repr.of(value, work);
            case "a" -> PercentFormat.ascii(Repr.of(value, work));
            default -> throw JinjaException.value("Unknown conversion specifier " + conversion);
        };
    }

    private String formatted(@Nullable Object value, String specification) throws JinjaException {
        if (!escaping) {
            return FormatSpec.format(value, specification, work);
        }
        if (value instanceof Markup markup) {
            if (!specification.isEmpty()) {
                throw JinjaException.value("Unsupported format specification for Markup.");
            }
            return markup.text();
        }
        return Text.escaped(FormatSpec.format(value, specification, work), work).text();
    }

    private String numbered(String name) throws JinjaException {
        boolean manual = !name.isEmpty() && name.chars().allMatch(Character::isDigit);
        if ((name.isEmpty() && automatic < 0) || (manual && automatic > 0)) {
            throw JinjaException.value("cannot switch from manual field specification to automatic field numbering");
        }
        if (name.isEmpty()) {
            return Long.toString(automatic++);
        }
        if (manual) {
            automatic = -1;
        }
        return name;
    }

    private @Nullable Object value(String path) throws JinjaException {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        Object value = first(path.substring(0, end));
        int at = end;
        while (at < path.length()) {
            boolean member = path.charAt(at) == '.';
            if (!member && path.charAt(at) != '[') {
                throw JinjaException.value("Only '.' or '[' may follow ']' in format field specifier");
            }
            int close = member ? nextPart(path, at + 1) : path.indexOf(']', at);
            if (close < 0) {
                throw JinjaException.value("Missing ']' in format string");
            }
            String name = path.substring(at + 1, close);
            if (name.isEmpty()) {
                throw JinjaException.value("Empty attribute in format string");
            }
            value = member
                    ? fields.member(value, name)
                    : fields.item(value, isNumber(name) ? PyNumbers.parse(name, 10) : name);
            at = member ? close : close + 1;
        }
        return value;
    }

    private static int nextPart(String path, int from) {
        int at = from;
        while (at < path.length() && path.charAt(at) != '.' && path.charAt(at) != '[') {
            at++;
        }
        return at;
    }

    private static boolean isNumber(String name) {
        return !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private @Nullable Object first(String name) throws JinjaException {
        if (isNumber(name)) {
            Object index = PyNumbers.parse(name, 10);
            if (!(index instanceof Long number) || number >= positional.size()) {
                throw JinjaException.lookup(
                        named == null
                                ? "Replacement index " + name + " out of range for positional args tuple"
                                : "IndexError: tuple index out of range");
            }
            return positional.get(number.intValue());
        }
        if (named == null) {
            return Items.item(mapping, name, work);
        }
        if (!named.containsKey(name)) {
            throw JinjaException.lookup("KeyError: " + Repr.of(name));
        }
        return named.get(name);
    }
}
