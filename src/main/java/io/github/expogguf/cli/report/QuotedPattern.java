package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.text.Names;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/** A pattern of file names that reached the program as it is, since no shell expands one in quotes. */
final class QuotedPattern {

    private QuotedPattern() {}

    /**
     * What to add to the message that a file is missing; empty where its name is no pattern among the words.
     *
     * @param missing as it was given
     */
    static String ending(List<String> words, String missing) {
        return missing.matches("(?s).*[*?\\[{].*")
                ? option(words, missing).map(name -> ending(name, missing)).orElse("")
                : "";
    }

    private static String ending(String option, String pattern) {
        List<String> files = matching(Path.of(pattern));
        String found = files.isEmpty() ? "no file matches it" : "it matches " + Names.quoted(files);
        return Printable.line("; " + option + " takes the name of one file, and this is a pattern: " + found
                + (files.isEmpty() ? "" : "; name the one that is meant, of a model in shards the first"));
    }

    private static Optional<String> option(List<String> words, String value) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.startsWith("--") && word.endsWith("=" + value)) {
                return Optional.of(word.substring(0, word.length() - value.length() - 1));
            }
            if (word.equals(value) && i > 0) {
                return Optional.of(words.get(i - 1).startsWith("-") ? words.get(i - 1) : "'" + words.getFirst() + "'");
            }
        }
        return Optional.empty();
    }

    private static List<String> matching(Path pattern) {
        Path folder = pattern.resolveSibling("");
        List<String> files = new ArrayList<>();
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(folder, pattern.getFileName().toString())) {
            found.forEach(file -> files.add(file.toString()));
        } catch (IOException | PatternSyntaxException _) {
            return List.of();
        }
        files.sort(null);
        return files;
    }
}
