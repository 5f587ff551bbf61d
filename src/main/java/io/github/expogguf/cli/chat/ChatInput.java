package io.github.expogguf.cli.chat;

import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.InterruptKey;
import io.github.expogguf.nativelib.NativeAbort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/** Where the lines of a chat come from. One thread reads. */
sealed interface ChatInput extends AutoCloseable {

    /** What a terminal shows before a line. */
    String PROMPT = "> ";

    /** What fits: an editor where there is a terminal to draw on, else lines. */
    static ChatInput open(Console console, InterruptKey key) {
        if (console.isInteractive()) {
            try {
                return new Edited(key);
            } catch (IOException | RuntimeException | LinkageError _) {
                // a terminal of a kind that the editor does not know, or native access is off
            }
        }
        return new Lines(console.in(), console.hasTypist() ? console.err() : null, key);
    }

    /**
     * The next line.
     *
     * @return null at the end
     */
    @Nullable
    String readLine() throws IOException;

    @Override
    void close() throws IOException;

    /** Lines of a file or a pipe, or of a terminal that does the little editing it can by itself. */
    final class Lines implements ChatInput {

        private final BufferedReader reader;
        private final @Nullable PrintStream prompts; // null where nobody looks
        private final Object previousHandler;

        Lines(InputStream in, @Nullable PrintStream prompts, InterruptKey key) {
            this.reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            this.prompts = prompts;
            this.previousHandler = Signals.register("INT", key::press);
        }

        @Override
        public @Nullable String readLine() throws IOException {
            if (prompts != null) {
                prompts.print(PROMPT);
                prompts.flush();
            }
            return reader.readLine();
        }

        @Override
        public void close() {
            Signals.unregister("INT", previousHandler);
        }
    }

    /**
     * Lines that are edited on a terminal, with a history that ends with the chat. Between them, while the model
     * answers, the terminal shows nothing of what is typed, and keeps it for the next line; Ctrl-C and its like work.
     */
    final class Edited implements ChatInput {

        private final org.jline.terminal.Terminal terminal;
        private final LineReader reader;
        private final InterruptKey key;
        private final Attributes between; // of the terminal, from one line to the next
        private final NativeAbort.Registration restoring;

        Edited(InterruptKey key) throws IOException {
            this.key = key;
            this.terminal = TerminalBuilder.builder()
                    .system(true)
                    .provider("ffm")
                    .dumb(false)
                    .graphemeCluster(false) // does not ask the terminal: a late reply would look like typing
                    .build();
            if (terminal.getSize().getColumns() <= 0) {
                terminal.close();
                throw new IOException("the terminal does not say how wide it is");
            }
            Attributes found = terminal.getAttributes(); // which closing gives back
            this.between = silent(found);
            this.restoring = NativeAbort.onAbort(() -> terminal.setAttributes(found));
            keepSilent();
            terminal.handle(org.jline.terminal.Terminal.Signal.INT, _ -> key.press());
            terminal.handle(org.jline.terminal.Terminal.Signal.CONT, _ -> keepSilent()); // shells change it meanwhile
            this.reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .completer((_, line, candidates) -> ChatLine.completions(line.line())
                            .forEach(command -> candidates.add(new Candidate(command))))
                    .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                    .option(LineReader.Option.INSERT_TAB, false)
                    .build();
        }

        private static Attributes silent(Attributes found) {
            Attributes silent = new Attributes(found);
            silent.setLocalFlags(EnumSet.of(LocalFlag.ECHO, LocalFlag.ICANON), false);
            silent.setControlChar(ControlChar.VMIN, 1);
            silent.setControlChar(ControlChar.VTIME, 0);
            return silent;
        }

        private void keepSilent() {
            terminal.setAttributes(between);
        }

        @Override
        public @Nullable String readLine() {
            try {
                return reader.readLine(PROMPT);
            } catch (EndOfFileException _) {
                return null;
            } catch (UserInterruptException _) {
                key.press();
                return null;
            } finally {
                keepSilent();
            }
        }

        @Override
        public void close() throws IOException {
            restoring.close();
            terminal.close();
        }
    }
}
