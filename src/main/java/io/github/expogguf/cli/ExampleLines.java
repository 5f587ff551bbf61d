package io.github.expogguf.cli;

import io.github.expogguf.cli.terminal.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Commands that a help shows, in lines that fit the terminal and are one command for a shell. */
final class ExampleLines {

    private static final String CONTINUED = " \\";
    private static final String START = "  ";
    private static final String NEXT = "      ";

    /** An option with its value, or another word; blanks within quotes are part of it. */
    private static final Pattern WORDS = Pattern.compile("-[^\\s=]+ (?!-)(?:'[^']*'|\\S+)|(?:'[^']*'|\\S)+");

    private ExampleLines() {}

    /** The lines, where those that begin with blanks are commands; a command that fits stays as it is. */
    static List<String> fitted(List<String> lines, int width) {
        List<String> fitted = new ArrayList<>();
        List<String> command = new ArrayList<>();
        for (String line : lines) {
            if (!line.startsWith(" ")) {
                fitted.add(line);
                continue;
            }
            command.add(line);
            if (!line.endsWith(CONTINUED)) {
                fitted.addAll(
                        command.stream().allMatch(each -> Columns.width(each) <= width)
                                ? command
                                : broken(command, width));
                command.clear();
            }
        }
        return fitted;
    }

    private static List<String> broken(List<String> command, int width) {
        String all = String.join(
                " ",
                command.stream()
                        .map(line -> line.strip().replaceFirst(" \\\\$", ""))
                        .toList());
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(START);
        for (String word : WORDS.matcher(all).results().map(MatchResult::group).toList()) {
            if (!line.toString().isBlank()
                    && Columns.width(line) + 1 + Columns.width(word) + CONTINUED.length() > width) {
                lines.add(line + CONTINUED);
                line = new StringBuilder(NEXT);
            }
            line.append(line.toString().isBlank() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
