package io.github.expogguf.documents;

import io.github.expogguf.documents.Document.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command that a page shows.
 *
 * @param line     where it stands, as in {@code README.md:20}
 * @param text     the command, on one line
 * @param expected what the page says that it prints; empty where it says nothing
 */
record PageCommand(String line, String text, List<String> expected) {

    private static final String PROMPT = "$ ";
    private static final String RUN_FIRST = "run first: ";
    private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"#|]|'[^']*'|\"[^\"]*\")+|\\||#.*");
    private static final Pattern PART = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^'\"]+)");

    /**
     * The commands of a page, in their order, without those of blocks that are marked.
     *
     * @param slow whether blocks that take long are wanted, too
     */
    static List<PageCommand> of(Document page, boolean slow) {
        List<PageCommand> commands = new ArrayList<>();
        for (Block block : page.blocks()) {
            boolean isWanted = !block.isMarked("not run") && (slow || !block.isMarked("slow"));
            if (isWanted && List.of("sh", "console").contains(block.language())) {
                block.comments().stream()
                        .filter(comment -> comment.startsWith(RUN_FIRST))
                        .map(comment -> comment.substring(RUN_FIRST.length()))
                        .forEach(first ->
                                commands.add(new PageCommand(page + ":" + (block.firstLine() - 2), first, List.of())));
                commands.addAll(of(page + ":", block));
            }
        }
        return commands;
    }

    private static List<PageCommand> of(String page, Block block) {
        boolean isConsole = block.language().equals("console");
        List<PageCommand> commands = new ArrayList<>();
        List<String> lines = block.lines();
        for (int i = 0; i < lines.size(); i++) {
            String where = page + (block.firstLine() + i);
            StringBuilder text = new StringBuilder(lines.get(i));
            while (text.toString().endsWith("\\")) {
                text.setLength(text.length() - 1);
                text.append(lines.get(++i).strip());
            }
            if (isConsole && !text.toString().startsWith(PROMPT)) {
                throw new IllegalArgumentException(where + ": a console block begins with '$ '");
            }
            List<String> expected = new ArrayList<>();
            while (isConsole && i + 1 < lines.size() && !lines.get(i + 1).startsWith(PROMPT)) {
                expected.add(lines.get(++i));
            }
            commands.add(new PageCommand(where, text.substring(isConsole ? PROMPT.length() : 0), expected));
        }
        return commands;
    }

    /** Its words as a shell takes them apart, without a comment; a pipe is a word. */
    List<String> words() {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find() && !matcher.group().startsWith("#")) {
            StringBuilder word = new StringBuilder();
            PART.matcher(matcher.group()).results().forEach(part -> {
                for (int group = 1; group <= 3; group++) {
                    word.append(part.group(group) == null ? "" : part.group(group));
                }
            });
            words.add(word.toString());
        }
        return words;
    }

    /** Whether what was printed is what the page says, where {@code ...} stands for anything. */
    boolean isPrintedAs(String printed) {
        if (expected.isEmpty()) {
            return true;
        }
        StringBuilder pattern = new StringBuilder();
        for (String line : expected) {
            if (line.equals("...")) {
                pattern.append("(?:.*\n)*?");
            } else {
                pattern.append(Pattern.quote(line).replace("...", "\\E.*\\Q")).append("\n");
            }
        }
        return Pattern.matches(pattern.toString(), printed.endsWith("\n") ? printed : printed + "\n");
    }

    /** Whether the page shows an error of it. */
    boolean isToFail() {
        return !expected.isEmpty() && expected.getFirst().startsWith("expo-gguf: error: ");
    }
}
