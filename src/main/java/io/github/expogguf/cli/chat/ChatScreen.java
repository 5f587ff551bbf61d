package io.github.expogguf.cli.chat;

import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.FlowingText;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.text.Numbers;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What a chat shows. On a terminal it is a dialogue; where the input or the output is a pipe, stdout gets the answers
 * alone and stderr the rest; with {@code --json} stdout waits for the document.
 */
final class ChatScreen {

    private static final String DIM = "\u001b[2m";
    private static final String RESET = "\u001b[0m";

    private final Console console;
    private final PrintStream answers;
    private final boolean dialogue;
    private final boolean silent;
    private final boolean colors;

    ChatScreen(Console console, boolean json) {
        this.console = console;
        this.dialogue = console.isInteractive() && !json;
        this.silent = json;
        // programs expect UTF-8, whatever the locale
        this.answers = dialogue ? console.out() : new PrintStream(console.out(), false, StandardCharsets.UTF_8);
        this.colors = dialogue && Terminal.ofStdout().colors();
    }

    /** Whether a person is on the other side. */
    boolean isDialogue() {
        return dialogue;
    }

    /** Says who is there. */
    void greet(ChatModel model, int contextTokens) {
        if (dialogue) {
            note(model.model().name()
                    + model.alpha().map(alpha -> ", " + heading(alpha)).orElse("")
                    + (model instanceof ChatModel.OfLogits ? " of the logits" : ""));
            note(size(model) + "; context of " + Units.count(contextTokens, "token"));
            note("/help lists commands; Ctrl-C stops an answer, Ctrl-D ends");
            console.out().println();
        }
    }

    /** As in {@code llama, 7.24 billion weights, Q4_K_M, 4.37 GB}, that of the file where there is one. */
    private static String size(ChatModel chat) {
        LlamaModel model = chat.model();
        Metadata metadata = model.metadata();
        String type = metadata.integer("general.file_type").stream()
                .mapToObj(FileType::nameOf)
                .flatMap(Optional::stream)
                .map(name -> name + ", ")
                .findFirst()
                .orElse("");
        return metadata.architecture() + ", " + Units.weights(model.parameterCount()) + ", " + type
                + (chat instanceof ChatModel.OfFile file
                        ? Units.bytes(file.fileBytes())
                        : Units.bytes(model.tensorBytes()) + " of weights");
    }

    /** Something that was done, or that a person would like to know. */
    void note(String text) {
        if (dialogue) {
            Columns.broken(Printable.message(text), Terminal.ofStdout().columns())
                    .forEach(line -> console.out().println(dim(line)));
        } else {
            console.note(Printable.message(text));
        }
    }

    /** Something that could not be done. */
    void problem(String text) {
        if (dialogue) {
            Columns.broken(Console.ERROR + text, Terminal.ofStdout().columns()).forEach(console.err()::println);
        } else {
            console.error(text);
        }
        console.err().flush();
    }

    /** What can be written, and what it does: side by side where that fits, else below each other. */
    void list(List<List<String>> commands) {
        int columns = Terminal.ofStdout().columns();
        Table table = new Table("", "");
        commands.forEach(command -> table.add(command.get(0), command.get(1)));
        if (table.fits(columns)) {
            reports().print(table.toString().stripLeading());
            return;
        }
        for (List<String> command : commands) {
            Columns.broken(command.get(0), columns).forEach(reports()::println);
            Columns.broken("    " + command.get(1), columns).forEach(reports()::println);
        }
    }

    /** Where a report of more than a line goes. */
    PrintStream reports() {
        return dialogue ? console.out() : console.err();
    }

    /** Whether so many answers can stand side by side. */
    boolean hasColumnsFor(int answers) {
        return dialogue && Columns.fit(answers, Terminal.ofStdout().columns());
    }

    /** Shows answers side by side. */
    void columns(List<String> headings, List<String> texts) {
        List<String> printable = texts.stream().map(Printable::answer).toList();
        answers.print(new Columns(headings, printable).write(Terminal.ofStdout().columns()));
        answers.println();
        answers.flush();
    }

    /** Begins an answer of the conversation. */
    Answer answer(Optional<Float> alpha) {
        return new Answer(dialogue ? alpha.map(this::label).orElse("") : "");
    }

    /** Begins an answer of several to the same message. */
    Answer compared(float alpha) {
        return new Answer(dialogue ? label(alpha) : heading(alpha) + ":\n");
    }

    private String label(float alpha) {
        return dim("[" + heading(alpha) + "]") + " ";
    }

    static String heading(float alpha) {
        return "alpha " + Numbers.brief(alpha);
    }

    private String dim(String text) {
        return colors ? DIM + text + RESET : text;
    }

    /** An answer while it is written: appears as it grows, by words in a dialogue, without blanks around it. */
    final class Answer {

        private final StringBuilder blanks = new StringBuilder(); // may be the end
        private final FlowingText lines; // of a dialogue
        private boolean begun;

        private Answer(String label) {
            int begin = Columns.width(label.replace(DIM, "").replace(RESET, ""));
            lines = new FlowingText(Terminal.ofStdout().columns(), begin);
            print(label);
        }

        void add(String text) {
            StringBuilder shown = new StringBuilder();
            text.codePoints().forEach(character -> {
                if (Character.isWhitespace(character)) {
                    blanks.appendCodePoint(character);
                } else {
                    shown.append(begun ? blanks : "").appendCodePoint(character);
                    blanks.setLength(0);
                    begun = true;
                }
            });
            String printable = Printable.answer(shown.toString());
            print(dialogue ? lines.add(printable) : printable);
        }

        void end() {
            print(dialogue ? lines.end() + "\n\n" : "\n");
        }

        private void print(String text) {
            if (!silent) {
                answers.print(text);
                answers.flush();
            }
        }
    }
}
