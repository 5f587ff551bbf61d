package io.github.expogguf.cli.chat;

import io.github.expogguf.CancelledException;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.InterruptKey;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.infer.ChatSession;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A conversation: reads lines, and answers them or does what they command. */
final class Chat {

    private final ChatInput input;
    private final ChatScreen screen;
    private final ChatWeights weights;
    private final ChatSession session;
    private final InterruptKey key;
    private final ChatRecord record;
    private final ChatTurns conversation;
    private GenerationOptions how;
    private List<Float> compared; // at which every message is answered; none for the alpha of the chat alone
    private @Nullable Asked last; // what /compare asks again
    private ExitCode exitCode = ExitCode.OK;

    Chat(
            ChatInput input,
            ChatScreen screen,
            ChatWeights weights,
            ChatSession session,
            InterruptKey key,
            ChatRecord record,
            ChatSettings settings) {
        this.input = input;
        this.screen = screen;
        this.weights = weights;
        this.session = session;
        this.key = key;
        this.record = record;
        this.conversation = new ChatTurns(this::tokenize);
        this.how = settings.generation();
        this.compared = settings.compared();
        conversation.instruct(settings.system());
    }

    /** A message, and the tokens of the conversation up to it. */
    private record Asked(String message, int[] tokens) {}

    private int[] tokenize(List<ChatMessage> messages) {
        return session.model().chatPrompt(messages, true).tokens();
    }

    /**
     * Goes on until the input or the user ends it.
     *
     * @return what the first problem was, where nobody could react to it
     */
    ExitCode run() throws IOException {
        if (!conversation.system().isBlank()) {
            checkInstructions();
        }
        if (!compared.isEmpty()) {
            screen.note("every message is answered at "
                    + compared(weights.requireAlpha()).stream()
                            .map(ChatScreen::heading)
                            .collect(Collectors.joining(", "))
                    + "; the conversation goes on with the last of these");
        }
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            ChatLine parsed = ChatLine.parse(line);
            if (parsed instanceof ChatLine.Quit) {
                break;
            }
            try {
                follow(parsed);
            } catch (CancelledException _) {
                screen.note("stopped");
            } catch (IllegalArgumentException wrong) {
                problem(ExitCode.USAGE, wrong);
            } catch (IOException | RuntimeException failure) {
                ExitCode kind = ExitCode.of(failure);
                if (kind == ExitCode.FAILURE || !weights.areIntact()) {
                    throw failure;
                }
                problem(kind, failure);
            }
        }
        return screen.isDialogue() ? ExitCode.OK : exitCode;
    }

    private void problem(ExitCode kind, Exception failure) {
        screen.problem(Failures.describe(failure));
        exitCode = exitCode == ExitCode.OK ? kind : exitCode;
    }

    private void follow(ChatLine line) throws IOException {
        switch (line) {
            case ChatLine.Nothing _, ChatLine.Quit _ -> {}
            case ChatLine.Say say -> answer(say.text());
            case ChatLine.Alpha alpha -> {
                if (alpha.value().isPresent()) {
                    weights.choose(alpha.value().get(), alpha.force());
                }
                screen.note(weights.describeAlpha());
            }
            case ChatLine.Compare compare -> compare(compare.alphas());
            case ChatLine.CompareOff _ -> {
                compared = List.of();
                screen.note("messages are answered at " + weights.describeAlpha());
            }
            case ChatLine.Save save -> weights.save(save, record);
            case ChatLine.Reset _ -> {
                conversation.reset();
                last = null;
                screen.note("a new conversation");
            }
            case ChatLine.Instruct instruct -> instruct(instruct);
            case ChatLine.Seed seed -> {
                seed.value().ifPresent(value -> sample(how.sampling().withSeed(value)));
                screen.note("seed " + Integer.toUnsignedString(how.sampling().seed()));
            }
            case ChatLine.Temperature temperature -> {
                temperature.value().ifPresent(value -> sample(how.sampling().withTemperature(value)));
                screen.note("temperature " + Numbers.brief(how.sampling().temperature()));
            }
            case ChatLine.Help _ -> help();
            case ChatLine.Wrong wrong -> throw new IllegalArgumentException(wrong.problem());
        }
    }

    private void sample(SamplingOptions sampling) {
        how = how.withSampling(sampling);
    }

    private void answer(String message) throws IOException {
        int room = Math.min(how.maxTokens(), session.contextTokens() / 4);
        ChatTurns.Prompt prompt = conversation.prompt(message, session.contextTokens(), room);
        if (prompt.dropped() > 0) {
            screen.note("the context of " + Units.count(session.contextTokens()) + " tokens is full: the oldest "
                    + (prompt.dropped() == 1 ? "turn is" : prompt.dropped() + " turns are") + " forgotten");
        }
        Asked asked = new Asked(message, prompt.tokens());
        if (!compared.isEmpty()) {
            answerAt(compared(weights.requireAlpha()), asked, true);
            return;
        }
        try (InterruptKey.StoppableWork work = key.begin()) {
            ChatScreen.Answer shown = screen.answer(weights.alpha());
            Generation answer = generate(asked, work.cancellation(), shown::add);
            shown.end();
            remark(answer).ifPresent(screen::note);
            record.add(message, weights.alpha(), answer, false);
            if (answer.finishReason() != FinishReason.STOPPED
                    || !answer.tokens().isEmpty()) {
                conversation.add(message, answer.text().strip());
                last = asked;
            }
        }
    }

    private Generation generate(Asked asked, Cancellation stop, Consumer<String> shown) {
        Generation.Listener listener = (_, text) -> {
            shown.accept(text);
            return true;
        };
        return session.answer(asked.tokens(), how, listener, stop);
    }

    /** What an answer does not say itself. */
    private Optional<String> remark(Generation answer) {
        return switch (answer.finishReason()) {
            case END_OF_GENERATION, STOP_STRING ->
                answer.text().isBlank() ? Optional.of("an empty answer") : Optional.empty();
            case STOPPED -> Optional.of("stopped");
            case LENGTH ->
                Optional.of(
                        answer.tokens().size() == how.maxTokens()
                                ? "cut off after " + Units.count(how.maxTokens(), "token") + " (-n)"
                                : "cut off because the context is full (-c makes it larger)");
        };
    }

    /** Answers the last message at several alphas; the conversation stays as it is. */
    private void compare(List<Float> chosen) throws IOException {
        float current = weights.requireAlpha();
        Asked asked = last;
        if (asked == null) {
            throw new IllegalArgumentException("there is nothing to compare yet: say something first");
        }
        weights.warnOf(chosen);
        answerAt(chosen.isEmpty() ? around(current) : chosen, asked, false);
    }

    /** Those of every message, and last the one of the chat. */
    private List<Float> compared(float current) {
        List<Float> alphas = new ArrayList<>(compared);
        alphas.remove(current);
        alphas.add(current);
        return alphas;
    }

    /**
     * Answers at each alpha, and shows all answers.
     *
     * @param goesOn whether the conversation goes on with the last of them; if it is stopped, with none
     */
    private void answerAt(List<Float> alphas, Asked asked, boolean goesOn) throws IOException {
        float current = weights.requireAlpha();
        boolean sideBySide = screen.hasColumnsFor(alphas.size());
        List<String> texts = new ArrayList<>();
        List<Generation> answers = new ArrayList<>();
        try (InterruptKey.StoppableWork work = key.begin()) {
            for (float alpha : alphas) {
                weights.change(alpha, work.cancellation());
                Generation answer = sideBySide
                        ? generateUnseen(asked, work.cancellation())
                        : generateShown(asked, alpha, work.cancellation());
                work.cancellation().check();
                answers.add(answer);
                texts.add(answer.text().strip()
                        + remark(answer).map(reason -> "\n(" + reason + ")").orElse(""));
                record.add(asked.message(), weights.alpha(), answer, !goesOn || answers.size() < alphas.size());
            }
            if (sideBySide) {
                screen.columns(alphas.stream().map(ChatScreen::heading).toList(), texts);
            }
        } finally {
            weights.change(current);
        }
        if (goesOn) {
            conversation.add(asked.message(), answers.getLast().text().strip());
            last = asked;
        }
    }

    private Generation generateShown(Asked asked, float alpha, Cancellation stop) {
        ChatScreen.Answer shown = screen.compared(alpha);
        Generation answer = generate(asked, stop, shown::add);
        shown.end();
        remark(answer).filter(_ -> !stop.isCancelled()).ifPresent(screen::note);
        return answer;
    }

    private Generation generateUnseen(Asked asked, Cancellation stop) {
        AtomicInteger tokens = new AtomicInteger();
        try (ProgressPrinter progress = weights.progress()) {
            return generate(asked, stop, _ -> {
                String text = weights.describeAlpha() + ": " + Units.count(tokens.incrementAndGet(), "token");
                progress.show(() -> text, () -> text);
            });
        }
    }

    /** None, half, as it is, double; where it is none, what is published. */
    static List<Float> around(float alpha) {
        return alpha == 0
                ? List.of(0f, 0.1f, 0.3f, 0.5f)
                : Stream.of(0f, alpha / 2, alpha, 2 * alpha)
                        .filter(Float::isFinite)
                        .distinct()
                        .toList();
    }

    private void instruct(ChatLine.Instruct instruct) {
        if (instruct.text().isPresent()) {
            conversation.instruct(instruct.text().get());
        }
        if (conversation.system().isBlank()) {
            screen.note("no instructions");
        } else {
            screen.note("instructions: " + conversation.system());
            checkInstructions();
        }
    }

    private void checkInstructions() {
        if (!session.model().hearsInstructions()) {
            screen.note("the chat template of " + session.model().name() + " leaves instructions out");
        }
    }

    private void help() {
        screen.list(ChatLine.COMMANDS);
        Columns.print(screen.reports(), "Ctrl-C stops an answer; pressed again, or at the prompt, it ends the chat.");
    }
}
