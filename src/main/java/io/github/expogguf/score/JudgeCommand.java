package io.github.expogguf.score;

import io.github.expogguf.CancelledException;
import io.github.expogguf.JudgeException;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.json.JsonText;
import io.github.expogguf.work.Cancellation;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Any program as a scorer. It reads the answers on its stdin, one JSON object a line: every field of the prompt's line
 * and {@code response} (which replaces a field of that name); where a prompt is more than one text of the user, {@code
 * prompt} is {@link Prompt#text} and {@code messages} has its turns. It prints one number a line, in the same order,
 * and exits with 0. Blank lines do not count. What it writes to stderr goes where this process writes its own.
 */
public final class JudgeCommand implements AnswerScorer {

    private static final Pattern NUMBER = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    private static final int SHOWN_CHARACTERS = 60;
    private static final int POLL_MILLIS = 20;
    private static final int SIGNAL_EXIT_CODE = 128; // the shell adds the number of the signal

    private final String command;
    private final Cancellation cancellation;

    /**
     * A judge that is not started yet.
     *
     * @param command for the shell: {@code sh -c}, or {@code cmd /c} on Windows
     */
    public JudgeCommand(String command) {
        this(command, new Cancellation());
    }

    /**
     * The same, which throws {@link io.github.expogguf.CancelledException} where the judge ended by a cancellation.
     *
     * @param command      a command line for the shell
     * @param cancellation ends the work from any thread
     */
    public JudgeCommand(String command, Cancellation cancellation) {
        Objects.requireNonNull(command, "command");
        Objects.requireNonNull(cancellation, "cancellation");
        if (command.isBlank()) {
            throw new IllegalArgumentException("the judge command is empty");
        }
        this.command = command;
        this.cancellation = cancellation;
    }

    /**
     * Runs the program once for all answers; for none it is not run.
     *
     * @throws JudgeException if it fails, or prints anything else than one finite number an answer
     * @throws IOException    if it cannot be started
     */
    @Override
    public double[] score(List<Answer> answers) throws IOException {
        Elements.require(answers, "answers");
        check();
        if (answers.isEmpty()) {
            return new double[0];
        }
        List<String> input = answers.stream().map(JudgeCommand::line).toList();
        Process process = new ProcessBuilder(shell())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            // the writer has a thread of its own: a judge may print while it reads
            Thread caller = Thread.currentThread(); // which no interrupt wakes while it reads from a pipe
            Feeder feeder = new Feeder(process, input);
            Thread thread = Thread.ofVirtual().name("judge input").start(feeder);
            Thread.ofVirtual().name("judge watch").start(() -> stopWhenCancelled(process, caller));
            List<String> lines = readLines(process, answers.size());
            int exitCode = process.waitFor();
            thread.join();
            checkGoesOn(exitCode);
            return scores(lines, exitCode, feeder);
        } catch (IOException e) {
            check(); // stopping the judge closes the pipes to it, also while one is being read
            throw e;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted");
        } finally {
            stop(process);
        }
    }

    private void check() {
        cancellation.check();
        if (Thread.currentThread().isInterrupted()) {
            throw new CancelledException("interrupted");
        }
    }

    private static void stop(Process process) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }

    private void stopWhenCancelled(Process process, Thread caller) {
        try {
            while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                if (cancellation.isCancelled() || caller.isInterrupted()) {
                    stop(process);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ctrl-C reaches the judge too, and may end it before this process has taken note. */
    private void checkGoesOn(int exitCode) throws InterruptedException {
        for (int i = 0; i < 10 && exitCode > SIGNAL_EXIT_CODE; i++) {
            cancellation.check();
            Thread.sleep(POLL_MILLIS);
        }
        cancellation.check();
    }

    private static String line(Answer answer) {
        Prompt prompt = answer.prompt();
        Map<String, Object> fields = new LinkedHashMap<>(prompt.fields());
        if (!prompt.isText() || !(fields.getOrDefault("prompt", "") instanceof String)) {
            fields.put("prompt", prompt.text());
            fields.put(
                    "messages",
                    prompt.messages().stream().map(ChatMessage::asMap).toList());
        }
        fields.put("response", answer.text());
        return JsonText.of(fields);
    }

    private List<String> shell() {
        boolean isWindows = System.getProperty("os.name").startsWith("Windows");
        return isWindows ? List.of("cmd", "/c", command) : List.of("sh", "-c", command);
    }

    /** Stops at one line too many, so that a program that prints for ever ends too. */
    private List<String> readLines(Process process, int expected) throws IOException {
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (lines.size() == expected && !line.isBlank()) {
                    throw new JudgeException(String.format(
                            Locale.ROOT,
                            "%s: printed more than %d lines, expected one number for each of %d answers",
                            name(),
                            expected,
                            expected));
                }
                if (!line.isBlank()) {
                    lines.add(line.strip());
                }
            }
        }
        return lines;
    }

    private double[] scores(List<String> lines, int exitCode, Feeder feeder) {
        int expected = feeder.lines.size();
        String unread = feeder.broken ? ", and ended without reading all answers" : "";
        if (exitCode != 0) {
            throw new JudgeException(String.format(
                    Locale.ROOT,
                    "%s: exit code %d, expected 0; it printed %d of %d scores%s",
                    name(),
                    exitCode,
                    lines.size(),
                    expected,
                    unread));
        }
        double[] scores = new double[lines.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = number(lines.get(i), i + 1);
        }
        if (scores.length != expected) {
            throw new JudgeException(String.format(
                    Locale.ROOT,
                    "%s: printed %d lines, expected %d, one number for each answer%s",
                    name(),
                    scores.length,
                    expected,
                    unread));
        }
        return scores;
    }

    private double number(String text, int line) {
        double value = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
        if (!Double.isFinite(value)) {
            throw new JudgeException(String.format(
                    Locale.ROOT, "%s: line %d is '%s', expected a finite number", name(), line, shortened(text)));
        }
        return value;
    }

    private String name() {
        return "judge '" + shortened(command) + "'";
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
    }

    /** Writes the answers until all are written or the judge wants no more. */
    private static final class Feeder implements Runnable {

        private final Process process;
        private final List<String> lines;
        private volatile boolean broken;

        Feeder(Process process, List<String> lines) {
            this.process = process;
            this.lines = lines;
        }

        @Override
        public void run() {
            try (Writer writer =
                    new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8))) {
                for (String line : lines) {
                    writer.write(line);
                    writer.write('\n');
                }
            } catch (IOException _) {
                broken = true; // the judge closed its end; whether that matters is seen from what it prints
            }
        }
    }
}
