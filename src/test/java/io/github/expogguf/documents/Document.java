package io.github.expogguf.documents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A page of the documentation in Markdown.
 *
 * @param path   as seen from the repository's root
 * @param prose  the lines outside of fenced blocks
 * @param blocks the fenced blocks, in their order
 */
public record Document(Path path, List<String> prose, List<Block> blocks) {

    private static final String FENCE = "```";
    private static final Pattern COMMENT = Pattern.compile("<!-- (.*) -->");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

    /**
     * What stands between two fences.
     *
     * @param language what follows the opening fence; may be empty
     * @param comments the HTML comments on the lines directly above the fence
     * @param firstLine number of the first line, from 1
     */
    public record Block(String language, List<String> comments, int firstLine, List<String> lines) {

        /** Whether a comment above begins with a word. */
        public boolean isMarked(String word) {
            return comments.stream().anyMatch(comment -> comment.startsWith(word + ": "));
        }
    }

    /** Reads a page. */
    public static Document read(Path path) throws IOException {
        List<String> prose = new ArrayList<>();
        List<Block> blocks = new ArrayList<>();
        List<String> comments = new ArrayList<>();
        List<String> lines = Files.readAllLines(path);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher comment = COMMENT.matcher(line);
            if (line.startsWith(FENCE)) {
                int end = i + 1;
                while (!lines.get(end).equals(FENCE)) {
                    end++;
                }
                blocks.add(new Block(
                        line.substring(FENCE.length()), List.copyOf(comments), i + 2, lines.subList(i + 1, end)));
                i = end;
                comments.clear();
            } else if (comment.matches()) {
                comments.add(comment.group(1));
            } else {
                prose.add(line);
                comments.clear();
            }
        }
        return new Document(path, prose, blocks);
    }

    /** The pages at the top level of the repository, all of {@code docs}, and the one on the miniature family. */
    public static List<Document> all() throws IOException {
        List<Document> documents = new ArrayList<>();
        for (Path folder : List.of(Path.of(""), Path.of("docs"), Path.of("src/demo"))) {
            for (Path page : pages(folder)) {
                documents.add(read(page));
            }
        }
        return documents;
    }

    private static List<Path> pages(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    /** The targets of all links and pictures that lead to files of the repository. */
    public List<String> links() {
        return LINK.matcher(String.join("\n", prose))
                .results()
                .map(result -> result.group(1))
                .filter(target -> !target.startsWith("https://"))
                .toList();
    }

    /** What links may name behind a {@code #}, one for each heading, as GitHub makes them. */
    public Set<String> anchors() {
        return prose.stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
                .map(title -> title.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
