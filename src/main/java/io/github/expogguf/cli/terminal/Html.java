package io.github.expogguf.cli.terminal;

/** Text in pages. */
public final class Html {

    private Html() {}

    /** The text as content or as the value of an attribute; characters that HTML does not allow are replaced. */
    public static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(character -> {
            switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(isAllowed(character) ? character : '\ufffd');
            }
        });
        return escaped.toString();
    }

    private static boolean isAllowed(int character) {
        boolean isWhiteSpace = character == '\n' || character == '\t' || character == '\r';
        return isWhiteSpace || (!Character.isISOControl(character) && !(character >= 0xd800 && character <= 0xdfff));
    }
}
