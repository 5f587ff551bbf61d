package io.github.expogguf.card;

import io.github.expogguf.text.Escape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Text of strangers in Markdown: it shows as it is, makes no markup, no link and no second line, and does not get long.
 */
final class Markdown {

    private static final int MAX_LENGTH = 200;
    private static final String MARKUP = "\\`*_{}[]()#+!|~:@$^=\"'";

    private Markdown() {}

    /** Text inside a line. */
    static String text(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char unit : shortened(Escape.text(text)).toCharArray()) {
            switch (unit) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                default -> escaped.append(MARKUP.indexOf(unit) >= 0 ? "\\" : "").append(unit);
            }
        }
        return escaped.toString().replaceAll("(?i)www\\.", "www\\\\."); // else a link
    }

    /** Code inside a line, also of a table. */
    static String code(String text) {
        String plain = shortened(Escape.text(text)).replace("|", "\\|");
        String fence = "`".repeat(longestRun(plain) + 1);
        boolean needsSpace = plain.isEmpty() || plain.startsWith("`") || plain.endsWith("`");
        return fence + (needsSpace ? " " + plain + " " : plain) + fence;
    }

    /** Lines of code for a shell. */
    static String block(List<String> lines) {
        String plain = lines.stream()
                .map(line -> Escape.text(line).replace("\\\\", "\\"))
                .collect(Collectors.joining("\n"));
        String fence = "`".repeat(Math.max(3, longestRun(plain) + 1));
        return fence + "sh\n" + plain + "\n" + fence + "\n";
    }

    /** A row of a table. */
    static String row(String... cells) {
        return Arrays.stream(cells).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH - 1) + "…";
    }

    private static int longestRun(String text) {
        int longest = 0;
        int run = 0;
        for (int i = 0; i < text.length(); i++) {
            run = text.charAt(i) == '`' ? run + 1 : 0;
            longest = Math.max(longest, run);
        }
        return longest;
    }
}
