package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.Characters;
import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.Sentinel;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of {@code str}, but for those of {@link FormatMethods}. */
public final class StringMethods {

    private static final Signature LINES = Signature.of("splitlines", "keepends?");
    private static final Signature TABS = Signature.of("expandtabs", "tabsize?");

    private final String text;
    private final Work work;

    private StringMethods(String text, Work work) {
        this.text = text;
        this.work = work;
    }

    static @Nullable Object get(String text, String name, Work work) {
        return new StringMethods(text, work).method(name);
    }

    private @Nullable Object method(String name) {
        return switch (name) {
            case "upper" -> plain(name, () -> Characters.upper(text));
            case "lower" -> plain(name, () -> Characters.lower(text));
            case "casefold" -> mapped(name, () -> Characters.fold(text));
            case "title" -> mapped(name, () -> Characters.title(text));
            case "capitalize" -> mapped(name, () -> Characters.capitalize(text));
            case "swapcase" -> mapped(name, () -> Characters.swapCase(text));
            case "strip" -> function((args, named) -> strip(name, true, true, args, named));
            case "lstrip" -> function((args, named) -> strip(name, true, false, args, named));
            case "rstrip" -> function((args, named) -> strip(name, false, true, args, named));
            case "startswith", "endswith" ->
                function((args, named) -> new StringSearch(text, work).hasEnd(name, args, named));
            case "find", "rfind", "index", "rindex", "count" ->
                function((args, named) -> new StringSearch(text, work).search(name, args, named));
            case "split", "rsplit" -> function((args, named) -> new Splitting(text, work).split(name, args, named));
            case "splitlines" ->
                function((args, named) -> {
                    Object keepEnds = LINES.bind(args, named).get(0, false);
                    return new PyList(new Splitting(text, work).lines(PyNumbers.index(keepEnds) != 0));
                });
            case "partition", "rpartition" ->
                function((args, named) -> new Splitting(text, work).partition(name, args, named));
            case "replace" -> function(this::replace);
            case "removeprefix", "removesuffix" -> function((args, named) -> remove(name, args, named));
            case "join" -> function(this::join);
            case "center", "ljust", "rjust" -> function((args, named) -> pad(name, args, named));
            case "zfill" -> function(this::fillWithZeros);
            case "expandtabs" ->
                function((args, named) ->
                        expandTabs(PyNumbers.index(TABS.bind(args, named).get(0, 8L))));
            case "isalpha" -> test(name, Characters::isAlphabetic);
            case "isalnum" -> test(name, c -> Characters.isAlphabetic(c) || Characters.isNumeric(c));
            case "isdecimal" -> test(name, Character::isDigit);
            case "isdigit" -> test(name, Characters::isDigit);
            case "isnumeric" -> test(name, Characters::isNumeric);
            case "isspace" -> test(name, Characters::isSpace);
            case "isprintable" -> plain(name, () -> text.codePoints().allMatch(Characters::isPrintable));
            case "isascii" -> plain(name, () -> text.chars().allMatch(c -> c < 0x80));
            case "islower" -> plain(name, () -> isLower(text));
            case "isupper" -> plain(name, () -> isUpper(text));
            case "istitle" -> plain(name, this::isTitle);
            case "isidentifier" -> plain(name, () -> isIdentifier(text));
            case "encode", "maketrans", "translate" -> UnknownMethod.of(text, name);
            default -> Sentinel.NO_MEMBER;
        };
    }

    @FunctionalInterface
    private interface Result {
        @Nullable
        Object get() throws JinjaException;
    }

    private Function function(Function.Body body) {
        return Function.builtin((positional, named) -> {
            work.charge(text.length());
            return body.call(positional, named);
        });
    }

    private Function plain(String name, Result result) {
        return function((positional, named) -> {
            Arity.none("str", name, positional, named);
            return result.get();
        });
    }

    /** What goes through a text one character after the other, each of which may become several. */
    private Function mapped(String name, Result result) {
        return plain(name, () -> {
            work.charge(Work.MAPPING * (long) text.length());
            return result.get();
        });
    }

    private Function test(String name, IntPredicate test) {
        return plain(name, () -> !text.isEmpty() && text.codePoints().allMatch(test));
    }

    private @Nullable Object strip(
            String name,
            boolean leading,
            boolean trailing,
            List<@Nullable Object> args,
            Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.between(0, 1, "str", name, args, named);
        if (args.isEmpty() || args.getFirst() == null) {
            return Characters.strip(text, leading, trailing);
        }
        if (!Types.isString(args.getFirst())) {
            throw JinjaException.type(name + " arg must be None or str");
        }
        return Characters.strip(text, Types.string(args.getFirst()), leading, trailing, work);
    }

    private @Nullable Object replace(List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.between(2, 3, "str", "replace", args, named);
        for (int i = 0; i < 2; i++) {
            if (!Types.isString(args.get(i))) {
                throw JinjaException.type(
                        "replace() argument " + (i + 1) + " must be str, not " + Types.name(args.get(i)));
            }
        }
        long max = args.size() == 3 ? PyNumbers.index(args.get(2)) : -1;
        return Strings.replace(text, Types.string(args.get(0)), Types.string(args.get(1)), max, work);
    }

    private @Nullable Object remove(String name, List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.one("str", name, args, named);
        if (!Types.isString(args.getFirst())) {
            throw JinjaException.type(name + "() argument must be str, not " + Types.name(args.getFirst()));
        }
        String part = Types.string(args.getFirst());
        if (name.equals("removeprefix")) {
            return text.startsWith(part) ? text.substring(part.length()) : text;
        }
        return text.endsWith(part) ? text.substring(0, text.length() - part.length()) : text;
    }

    private @Nullable Object join(List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.one("str", "join", args, named);
        if (!Types.isIterable(args.getFirst())) {
            throw JinjaException.type("can only join an iterable");
        }
        return join(text, Iteration.list(args.getFirst(), work), work);
    }

    static String join(String separator, List<@Nullable Object> items, Work work) throws JinjaException {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            if (!Types.isString(items.get(i))) {
                throw JinjaException.type(
                        "sequence item " + i + ": expected str instance, " + Types.name(items.get(i)) + " found");
            }
            String item = Types.string(items.get(i));
            work.charge((long) separator.length() + item.length());
            result.append(i == 0 ? "" : separator).append(item);
        }
        return result.toString();
    }

    private @Nullable Object pad(String name, List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.between(1, 2, "str", name, args, named);
        long width = PyNumbers.index(args.getFirst());
        Object fill = args.size() == 2 ? args.get(1) : " ";
        if (!Types.isString(fill)) {
            throw JinjaException.type("The fill character must be a unicode character, not " + Types.name(fill));
        }
        if (Strings.length(Types.string(fill)) != 1) {
            throw JinjaException.type("The fill character must be exactly one character long");
        }
        return pad(name, text, width, Types.string(fill), work);
    }

    /** Centers as CPython does: an odd blank goes to the left if the width is odd. */
    static String pad(String name, String text, long width, String fill, Work work) throws JinjaException {
        long missing = width - Strings.length(text);
        if (missing <= 0) {
            return text;
        }
        long left = switch (name) {
            case "center" -> missing / 2 + (missing & width & 1);
            case "rjust" -> missing;
            default -> 0;
        };
        return Strings.repeat(fill, left, work) + text + Strings.repeat(fill, missing - left, work);
    }

    private @Nullable Object fillWithZeros(List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.one("str", "zfill", args, named);
        long missing = PyNumbers.index(args.getFirst()) - Strings.length(text);
        boolean signed = !text.isEmpty() && (text.charAt(0) == '+' || text.charAt(0) == '-');
        String zeros = Strings.repeat("0", missing, work);
        return signed ? text.charAt(0) + zeros + text.substring(1) : zeros + text;
    }

    private @Nullable Object expandTabs(long size) throws JinjaException {
        work.charge(Work.MAPPING * (long) text.length());
        StringBuilder result = new StringBuilder();
        long column = 0;
        for (int c : text.codePoints().toArray()) {
            if (c == '\t') {
                long blanks = size > 0 ? size - column % size : 0;
                result.append(Strings.repeat(" ", blanks, work));
                column += blanks;
            } else {
                result.appendCodePoint(c);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
        }
        return result.toString();
    }

    public static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    public static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    private boolean isTitle() {
        boolean found = false;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            boolean capital = Character.isUpperCase(c) || Character.isTitleCase(c);
            if (capital ? inWord : Character.isLowerCase(c) && !inWord) {
                return false;
            }
            inWord = Strings.isCased(c);
            found |= inWord;
        }
        return found;
    }

    public static boolean isIdentifier(String text) {
        if (text.isEmpty()) {
            return false;
        }
        int first = text.codePointAt(0);
        return (first == '_' || Character.isUnicodeIdentifierStart(first))
                && text.codePoints()
                        .skip(1)
                        .allMatch(c -> Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
    }
}
