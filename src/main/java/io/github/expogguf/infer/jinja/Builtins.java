package io.github.expogguf.infer.jinja;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The filters, and the methods of strings, that templates may use; null for any other. */
final class Builtins {

    private static final int PIECE_CHARACTERS = 64; // what a string costs, however short

    private Builtins() {}

    static Object filter(String name, Object object, List<Object> arguments, Work work) throws JinjaException {
        if (name.equals("default") && arguments.size() == 1) {
            return object == Value.UNDEFINED ? arguments.getFirst() : object;
        }
        if (!arguments.isEmpty()) {
            return null;
        }
        work.charge(object instanceof String text ? text.length() : 0);
        return switch (name) {
            case "length", "count" -> (long) Value.length(object);
            case "string" -> Value.text(object);
            case "trim" -> Value.text(object).strip();
            case "upper" -> Value.text(object).toUpperCase(Locale.ROOT);
            case "lower" -> Value.text(object).toLowerCase(Locale.ROOT);
            default -> null;
        };
    }

    static Object method(String name, Object object, List<Object> arguments, Work work) throws JinjaException {
        if (!(object instanceof String text) || !arguments.stream().allMatch(String.class::isInstance)) {
            return null;
        }
        String first = arguments.isEmpty() ? "" : (String) arguments.getFirst();
        work.chargeSearch(text, first);
        return switch (arguments.size()) {
            case 0 -> switch (name) {
                case "strip" -> text.strip();
                case "lstrip" -> text.stripLeading();
                case "rstrip" -> text.stripTrailing();
                case "upper" -> text.toUpperCase(Locale.ROOT);
                case "lower" -> text.toLowerCase(Locale.ROOT);
                default -> null;
            };
            case 1 -> switch (name) {
                case "strip" -> strip(text, first, true, true);
                case "lstrip" -> strip(text, first, true, false);
                case "rstrip" -> strip(text, first, false, true);
                case "startswith" -> text.startsWith(first);
                case "endswith" -> text.endsWith(first);
                case "split" -> split(text, first, work);
                default -> null;
            };
            case 2 -> name.equals("replace") ? replace(text, first, (String) arguments.get(1), work) : null;
            default -> null;
        };
    }

    /** Without any of these characters at the ends. */
    private static String strip(String text, String characters, boolean leading, boolean trailing) {
        int start = 0;
        int end = text.length();
        while (leading && start < end && characters.indexOf(text.charAt(start)) >= 0) {
            start++;
        }
        while (trailing && end > start && characters.indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return text.substring(start, end);
    }

    private static String replace(String text, String old, String replacement, Work work) throws JinjaException {
        long count = old.isEmpty() ? text.length() + 1L : count(text, old);
        work.charge(count * replacement.length());
        return text.replace(old, replacement);
    }

    private static long count(String text, String part) {
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static List<String> split(String text, String separator, Work work) throws JinjaException {
        if (separator.isEmpty()) {
            throw JinjaException.unsupported("splitting at an empty string");
        }
        work.charge(PIECE_CHARACTERS * count(text, separator));
        return Arrays.asList(text.split(Pattern.quote(separator), -1));
    }
}
