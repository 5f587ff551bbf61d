package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Work;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What filters need of HTML and URLs. */
public final class HtmlText {

    private static final Map<String, String> ENTITIES =
            Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", "\u00a0");

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private HtmlText() {}

    /** Without comments and tags, with white space made one blank, and with entities resolved. */
    public static String stripTags(String text, Work work) throws JinjaException {
        String plain = without(without(text, "<!--", "-->", work), "<", ">", work);
        List<String> words = new ArrayList<>();
        work.charge(plain.length());
        for (Object word : new Splitting(plain, work).words(Long.MAX_VALUE)) {
            words.add((String) Objects.requireNonNull(word));
        }
        return unescape(String.join(" ", words), work);
    }

    private static String without(String text, String begin, String end, Work work) throws JinjaException {
        work.charge(text.length());
        StringBuilder result = new StringBuilder();
        int from = 0;
        while (true) {
            int start = text.indexOf(begin, from);
            int close = start < 0 ? -1 : text.indexOf(end, start + begin.length());
            if (close < 0) {
                return result.append(text, from, text.length()).toString();
            }
            result.append(text, from, start);
            from = close + end.length();
        }
    }

    /** Resolves numeric entities and the commonest names; those that are not known are refused. */
    static String unescape(String text, Work work) throws JinjaException {
        work.charge(text.length());
        StringBuilder result = new StringBuilder();
        int from = 0;
        for (int at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
            result.append(text, from, at);
            int end = at + 1;
            while (end < text.length()
                    && end < at + 33
                    && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '#')) {
                end++;
            }
            String name = text.substring(at + 1, end);
            from = end + (text.startsWith(";", end) ? 1 : 0);
            if (name.isEmpty()) {
                result.append('&');
                from = at + 1;
            } else if (name.charAt(0) == '#') {
                result.append(number(name));
            } else if (ENTITIES.containsKey(name) && from > end) {
                result.append(ENTITIES.get(name));
            } else {
                throw JinjaException.unsupported("the HTML entity '&" + name + "'");
            }
        }
        return result.append(text, from, text.length()).toString();
    }

    private static String number(String name) throws JinjaException {
        try {
            boolean hex = name.startsWith("#x") || name.startsWith("#X");
            int c = Integer.parseInt(name.substring(hex ? 2 : 1), hex ? 16 : 10);
            if ((c >= ' ' && c < 0x7f) || (c >= 0xa0 && c < Character.MIN_SURROGATE)) {
                return Strings.of(c);
            }
        } catch (NumberFormatException e) {
            // not a number after all
        }
        throw JinjaException.unsupported("the HTML entity '&" + name + "'");
    }

    /** Percent-encoding; in a query a blank is a plus, and a slash is encoded, too. */
    public static String urlQuote(String text, boolean query, Work work) throws JinjaException {
        work.charge((long) Work.MAPPING * text.length());
        StringBuilder result = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain =
                    c < 0x80 && (Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0 || (c == '/' && !query));
            if (plain) {
                result.append(c);
            } else if (query && c == ' ') {
                result.append('+');
            } else {
                result.append('%').append(HEX.toHexDigits(b));
            }
        }
        return result.toString();
    }
}
