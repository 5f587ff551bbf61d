package io.github.expogguf.cli.terminal;

import com.google.gson.JsonObject;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where one run of the command writes, and how it is stopped: results to {@code out}, everything else to {@code err}.
 */
public final class Console implements AutoCloseable {

    /** What errors begin with. */
    public static final String ERROR = "expo-gguf: error: ";

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private @Nullable Interruption interruption;
    private volatile ProgressPrinter progress = ProgressPrinter.silent();

    public Console(PrintStream out, PrintStream err) {
        this(System.in, out, err);
    }

    public Console(InputStream in, PrintStream out, PrintStream err) {
        this.in = in;
        this.out = out;
        this.err = err;
    }

    public InputStream in() {
        return in;
    }

    /** Whether somebody types what is read. */
    public boolean hasTypist() {
        return in.equals(System.in) && Terminal.isStdin();
    }

    /** Whether somebody types what is read and sees what is written. */
    public boolean isInteractive() {
        return hasTypist() && out.equals(System.out) && Terminal.ofStdout().interactive();
    }

    public PrintStream out() {
        return out;
    }

    public PrintStream err() {
        return err;
    }

    /** The document as UTF-8, whatever the encoding of the terminal. */
    public void print(JsonObject document) {
        byte[] bytes = (Json.text(document) + "\n").getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
        out.flush();
    }

    /** A document that is too large to be put together first, in the same way. */
    public void print(JsonDocument document) throws IOException {
        JsonOutput json = new JsonOutput(out);
        document.write(json);
        json.write('\n');
        json.flush();
    }

    /** Something worth knowing: what was asked for is done, and the result is what one would expect. */
    public void note(String text) {
        say("expo-gguf: note: " + text);
    }

    /** What was asked for is done, but the result may be worse, or other, than one would expect. */
    public void warning(String text) {
        say("expo-gguf: warning: " + text);
    }

    /** What was asked for is not done, and the exit code says so. */
    public void error(String text) {
        say(ERROR + text);
    }

    /** Draws progress on stderr until it is closed; a message wipes what is drawn. */
    public ProgressPrinter progress() {
        progress = ProgressPrinter.onStderr(err);
        return progress;
    }

    private void say(String text) {
        progress.close();
        err.println(err.equals(System.err) ? onStderr(text) : text);
    }

    /** A message as lines that fit the process's stderr where that is a terminal, else, for programs, as one line. */
    public static String onStderr(String text) {
        Terminal terminal = Terminal.ofStderr();
        return terminal.interactive()
                ? String.join(System.lineSeparator(), fitted(text, terminal.columns()))
                : oneLine(text);
    }

    /** What a message lists, one behind the other. */
    static String oneLine(String text) {
        StringBuilder line = new StringBuilder();
        text.lines().map(String::strip).filter(part -> !part.isEmpty()).forEach(part -> {
            boolean isList = line.isEmpty() || ":?".indexOf(line.charAt(line.length() - 1)) >= 0;
            line.append(line.isEmpty() ? "" : isList ? " " : "; ").append(part);
        });
        return line.toString();
    }

    /** Lines that are broken between words, each two further in than the one that it goes on with. */
    static List<String> fitted(String text, int columns) {
        return text.lines()
                .flatMap(line -> Columns.broken(line, columns).stream())
                .toList();
    }

    /** A note or a warning. */
    public void remark(Remark.Weight weight, String text) {
        switch (weight) {
            case NOTE -> note(text);
            case WARNING, WRONG -> warning(text);
        }
    }

    /** Cancelled by Ctrl-C or SIGTERM; the process then waits for {@link #close}. */
    public Cancellation cancellation() {
        if (interruption == null) {
            interruption = Interruption.install();
        }
        return interruption.cancellation();
    }

    /** The run is over and has cleaned up. */
    @Override
    public void close() {
        out.flush();
        err.flush();
        if (interruption != null) {
            interruption.close();
        }
    }
}
