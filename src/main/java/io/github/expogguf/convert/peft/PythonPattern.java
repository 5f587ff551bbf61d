package io.github.expogguf.convert.peft;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression of Python's ({@code re}, 3.12), written as one of Java's that matches the same. What Java has
 * nothing for, and what Python refuses, is refused by how it begins.
 */
final class PythonPattern {

    private static final Pattern NAMED = Pattern.compile("\\(\\?P(<|=)([\\p{L}_][\\p{L}\\p{N}_]*)[>)]");
    private static final Pattern COMMENT = Pattern.compile("\\(\\?#[^)]*\\)");
    private static final Pattern GROUP = Pattern.compile("\\(\\?(:|=|!|<=|<!|>|[imsx]*(-[imsx]+)?:)");
    private static final Pattern FLAGS = Pattern.compile("\\(\\?[imsx]+\\)"); // at the beginning alone
    private static final Pattern COUNT = Pattern.compile("\\{([0-9]*)(,?)([0-9]*)\\}");
    private static final Pattern HEXADECIMAL = Pattern.compile("\\\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})");

    private final String text;
    private final StringBuilder java = new StringBuilder();
    private final Map<String, String> groups = new LinkedHashMap<>(); // Java's names of them have no underscores
    private int at;

    PythonPattern(String text) {
        this.text = text;
    }

    /** @throws PatternSyntaxException that names what it has no counterpart of */
    String inJava() {
        while (at < text.length()) {
            switch (text.charAt(at)) {
                case '\\' -> escaped(false);
                case '[' -> set();
                case '(' -> group();
                case '{' -> count();
                default -> java.append(text.charAt(at++));
            }
        }
        return java.toString();
    }

    private Matcher matcher(Pattern pattern) {
        return pattern.matcher(text).region(at, text.length());
    }

    private void group() {
        if (!text.startsWith("(?", at)) {
            java.append(text.charAt(at++));
            return;
        }
        Matcher named = matcher(NAMED);
        Matcher comment = matcher(COMMENT);
        Matcher plain = matcher(GROUP);
        Matcher flags = matcher(FLAGS);
        if (named.lookingAt()) {
            boolean isReference = named.group(1).equals("=");
            String name = groups.get(named.group(2));
            if (isReference != (name != null) || isReference != named.group().endsWith(")")) {
                throw refused(named.group());
            }
            if (isReference) {
                java.append("\\k<").append(name).append('>');
            } else {
                groups.put(named.group(2), "g" + groups.size());
                java.append("(?<").append(groups.get(named.group(2))).append('>');
            }
            at = named.end();
        } else if (comment.lookingAt()) {
            at = comment.end();
        } else if (plain.lookingAt()) {
            take(plain);
        } else if (at == 0 && flags.lookingAt()) {
            take(flags);
        } else {
            throw refused(text.substring(at, Math.min(at + 4, text.length())));
        }
    }

    private void take(Matcher matcher) {
        java.append(matcher.group());
        at = matcher.end();
    }

    /** A brace that begins no count is one. */
    private void count() {
        Matcher count = matcher(COUNT);
        if (count.lookingAt() && count.group().length() > 2) {
            String least = count.group(1).isEmpty() ? "0" : count.group(1);
            java.append('{')
                    .append(least)
                    .append(count.group(2))
                    .append(count.group(3))
                    .append('}');
            at = count.end();
        } else {
            java.append("\\{");
            at++;
        }
    }

    /** Characters, among which there are no further sets, and no intersections. */
    private void set() {
        int start = at++;
        java.append('[');
        if (text.startsWith("^", at)) {
            java.append(text.charAt(at++));
        }
        for (boolean isFirst = true; isFirst || !text.startsWith("]", at); isFirst = false) {
            if (at >= text.length()) {
                throw refused(text.substring(start, Math.min(start + 4, text.length())));
            }
            switch (text.charAt(at)) {
                case '\\' -> escaped(true);
                case '[', ']', '&', '^' -> java.append('\\').append(text.charAt(at++));
                default -> java.append(text.charAt(at++));
            }
        }
        java.append(text.charAt(at++));
    }

    private void escaped(boolean isInSet) {
        if (at + 1 == text.length()) {
            throw refused("\\");
        }
        char letter = text.charAt(at + 1);
        Matcher hexadecimal = matcher(HEXADECIMAL);
        if (hexadecimal.lookingAt()) {
            take(hexadecimal);
            return;
        }
        String same = isInSet ? "afnrtdDsSwW" : "afnrtdDsSwWAbB123456789";
        if (same.indexOf(letter) >= 0 || !(isAsciiLetter(letter) || Character.isDigit(letter))) {
            java.append('\\').append(letter);
        } else if (letter == 'v') {
            java.append("\\x0B");
        } else if (letter == 'b') {
            java.append("\\x08");
        } else if (letter == 'Z' && !isInSet) {
            java.append("\\z");
        } else {
            throw refused("\\" + letter);
        }
        at += 2;
    }

    private static boolean isAsciiLetter(char character) {
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    }

    private static PatternSyntaxException refused(String construct) {
        return new PatternSyntaxException("what begins with '" + construct + "' is not read", "", -1);
    }
}
