package io.github.expogguf.infer.jinja.value;

import java.util.Locale;

/** Classes of characters and letter case as Python understands them, and what follows from them for texts. */
public final class Characters {

    private Characters() {}

    /** {@code str.isspace}: bidirectional class WS, B or S, or category Zs. */
    public static boolean isSpace(int c) {
        return switch (c) {
            case ' ',
                    '\t',
                    '\n',
                    0x0b,
                    '\f',
                    '\r',
                    0x1c,
                    0x1d,
                    0x1e,
                    0x1f,
                    0x85,
                    0xa0,
                    0x1680,
                    0x2028,
                    0x2029,
                    0x202f,
                    0x205f,
                    0x3000 -> true;
            default -> c >= 0x2000 && c <= 0x200a;
        };
    }

    /** Whether {@code str.splitlines} ends a line at it. */
    public static boolean isLineEnd(int c) {
        return switch (c) {
            case '\n', 0x0b, '\f', '\r', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029 -> true;
            default -> false;
        };
    }

    public static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    public static boolean isAlphabetic(int c) {
        return Character.isLetter(c);
    }

    @SuppressWarnings("CharacterGetNumericValue") // letters are excluded
    public static boolean isNumeric(int c) {
        return switch (Character.getType(c)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> (Character.getNumericValue(c) >= 0 && !Character.isLetter(c)) || isHanNumber(c);
        };
    }

    /** {@code str.isdigit}: what stands for one digit, superscripts among them. */
    @SuppressWarnings("CharacterGetNumericValue") // of other numbers only, which are no letters
    public static boolean isDigit(int c) {
        int value = Character.getNumericValue(c);
        return Character.isDigit(c)
                || (Character.getType(c) == Character.OTHER_NUMBER && value >= 0 && value <= 9 && isNumeral(c));
    }

    private static boolean isNumeral(int c) {
        return c < 0x3000; // ideographs in circles and parentheses are numbers, not digits
    }

    /** Ideographs that Unicode gives a numeric value, such as 一. */
    private static boolean isHanNumber(int c) {
        String numbers = "零〇一二三四五六七八九十百千万亿億兆" + "壱弐参貳叁肆伍陆陸柒捌玖拾佰仟萬幺两兩廿卅卌";
        return numbers.indexOf(c) >= 0;
    }

    public static String strip(String text, boolean leading, boolean trailing) {
        int start = 0;
        int end = text.length();
        while (leading && start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (trailing && end > start && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    /** Without any of these characters at the ends. */
    public static String strip(String text, String characters, boolean leading, boolean trailing, Work work)
            throws JinjaException {
        int start = 0;
        int end = text.length();
        while (leading && start < end && characters.indexOf(text.codePointAt(start)) >= 0) {
            work.charge(1 + characters.length() / 16);
            start += Character.charCount(text.codePointAt(start));
        }
        while (trailing && end > start && characters.indexOf(text.codePointBefore(end)) >= 0) {
            work.charge(1 + characters.length() / 16);
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    public static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    public static String lower(String text) {
        int sigma = text.indexOf(Sigma.CAPITAL);
        if (sigma < 0) {
            return text.toLowerCase(Locale.ROOT);
        }
        StringBuilder result = new StringBuilder(text.length());
        int from = 0;
        for (; sigma >= 0; sigma = text.indexOf(Sigma.CAPITAL, from)) {
            result.append(text.substring(from, sigma).toLowerCase(Locale.ROOT)).append(Sigma.lower(text, sigma));
            from = sigma + 1;
        }
        return result.append(text.substring(from).toLowerCase(Locale.ROOT)).toString();
    }

    public static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = Character.charCount(text.codePointAt(0));
        // lower case of the whole text, as a final sigma depends on what stands before it
        return titleCase(text.codePointAt(0)) + lowerTail(text, first);
    }

    private static String lowerTail(String text, int from) {
        String head = lower(text.substring(0, from));
        return lower(text).substring(head.length());
    }

    /** {@code str.title}: the first cased character after an uncased one in title case, the others in lower case. */
    public static String title(String text) {
        StringBuilder result = new StringBuilder(text.length());
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int next = i + Character.charCount(c);
            if (!inWord) {
                result.append(titleCase(c));
            } else if (c == Sigma.CAPITAL) {
                result.append(Sigma.lower(text, i));
            } else {
                result.append(lower(Strings.of(c)));
            }
            inWord = Strings.isCased(c);
            i = next;
        }
        return result.toString();
    }

    /** One character in title case, which may be several (SpecialCasing.txt). */
    static String titleCase(int c) {
        if (Character.isTitleCase(c)) {
            return Strings.of(c);
        }
        int simple = Character.toTitleCase(c);
        String upper = upper(Strings.of(c));
        if (simple != c || upper.codePointCount(0, upper.length()) == 1 || c == 'ŉ') {
            return c == 'ŉ' ? upper : Strings.of(simple);
        }
        int first = Character.charCount(upper.codePointAt(0));
        // an iota that upper case puts beside the letter stays below it
        return upper.substring(0, first) + lower(upper.substring(first)).replace('ι', '\u0345');
    }

    public static String swapCase(String text) {
        StringBuilder result = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            String one = Strings.of(c);
            if (c == Sigma.CAPITAL) {
                result.append(Sigma.lower(text, i - 1));
            } else {
                result.append(Character.isUpperCase(c) ? lower(one) : Character.isLowerCase(c) ? upper(one) : one);
            }
        }
        return result.toString();
    }

    /** {@code str.casefold}: lower case for comparisons, where ß is ss. */
    public static String fold(String text) {
        StringBuilder result = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            String one = Strings.of(c);
            boolean cherokee = (c >= 0x13a0 && c <= 0x13f5) || (c >= 0xab70 && c <= 0xabbf); // folds to upper case
            result.append(c == 'ı' ? one : cherokee ? upper(one) : lower(upper(one)));
        });
        return result.toString().replace('ς', 'σ');
    }
}
