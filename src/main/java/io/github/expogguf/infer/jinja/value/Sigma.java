package io.github.expogguf.infer.jinja.value;

/**
 * The lower case of the capital sigma, which is another letter at the end of a word. Java looks for the end of a word
 * with its rules for breaking lines; Python follows Final_Sigma of the Unicode standard (section 3.13) to the letter.
 */
final class Sigma {

    static final char CAPITAL = 'Σ';

    /** What Word_Break calls MidLetter, MidNumLet and Single_Quote (WordBreakProperty.txt, 14.0). */
    private static final String IN_WORDS =
            "':.\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e" + "\uff1a";

    private Sigma() {}

    /** The lower case of the capital sigma at this place. */
    static char lower(String text, int at) {
        int before = at;
        while (before > 0 && isIgnorable(text.codePointBefore(before))) {
            before -= Character.charCount(text.codePointBefore(before));
        }
        int after = at + 1;
        while (after < text.length() && isIgnorable(text.codePointAt(after))) {
            after += Character.charCount(text.codePointAt(after));
        }
        boolean follows = before > 0 && Strings.isCased(text.codePointBefore(before));
        boolean precedes = after < text.length() && Strings.isCased(text.codePointAt(after));
        return follows && !precedes ? 'ς' : 'σ';
    }

    /** Case_Ignorable of DerivedCoreProperties.txt. */
    private static boolean isIgnorable(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.FORMAT,
                    Character.MODIFIER_LETTER,
                    Character.MODIFIER_SYMBOL -> true;
            default -> IN_WORDS.indexOf(c) >= 0;
        };
    }
}
