package io.github.expogguf.cli.listen;

import io.github.expogguf.ChatTemplateException;
import io.github.expogguf.ExpoException;
import io.github.expogguf.PromptException;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.votes.AlphaPair;
import io.github.expogguf.search.votes.Listening;
import io.github.expogguf.search.votes.ListeningOptions;
import io.github.expogguf.search.votes.Verdict;
import io.github.expogguf.search.votes.Vote;
import io.github.expogguf.search.votes.VoteLog;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A listening test under way. Threads of the server vote and read; one other thread, that of the command, prepares
 * questions, one ahead of the one that is being read.
 */
final class ListenSession {

    private static final long LOOK_UP_MILLIS = 200; // whether the run was cancelled

    /** Pairs in a row that are the same to the letter, after which no more are made until somebody says something. */
    static final int MOST_IDENTICAL = 12;

    /** So many of them, and the next are of the two alphas that differ most. */
    private static final int SUSPICIOUS = 8;

    private final ListeningOptions options;
    private final Optional<VoteLog> log;
    private final int seed;
    private final List<Prompt> prompts;
    private final Deque<Prompt> typed = new ArrayDeque<>(); // and not asked yet
    private final Set<Integer> typedNumbers = new HashSet<>(); // of their questions
    private final Deque<Question> questions = new ArrayDeque<>(); // the first is the one that is shown
    private final List<Vote> votes;
    private Listening listening;
    private int asked;
    private int identicalInARow;
    private String unasked = "";
    private boolean isFinished;
    private String outcome = "";
    private boolean isOver;
    private @Nullable IOException failure;

    /**
     * @param prompts what is asked, in an order that the seed decides; more can be typed
     * @param known   votes of earlier; what was typed then is asked again
     */
    ListenSession(ListeningOptions options, List<Prompt> prompts, int seed, List<Vote> known, Optional<VoteLog> log) {
        this.options = options;
        this.log = log;
        this.seed = seed;
        this.prompts = new ArrayList<>(prompts);
        Collections.shuffle(this.prompts, new Random(seed));
        this.votes = new ArrayList<>(known);
        this.listening = Listening.of(options, votes);
        this.asked = known.size();
        known.stream()
                .map(Vote::prompt)
                .distinct()
                .filter(this::isUnknown)
                .forEach(text -> this.prompts.add(typed(text)));
    }

    /** Whether it was typed, when the votes on it were given. */
    private boolean isUnknown(String prompt) {
        return this.prompts.stream().noneMatch(given -> given.text().equals(prompt));
    }

    private static Prompt typed(String text) {
        return new Prompt(text, Map.of("prompt", text), Escape.quote(text));
    }

    ListeningOptions options() {
        return options;
    }

    /**
     * What there is to see.
     *
     * @param question  the one that is shown; null while it is being prepared, and at the end
     * @param isWaiting whether a prompt has to be typed
     * @param alike     that answers do not differ, and what to do; empty unless it waits for that reason
     * @param unasked   which prompt was left out, and why; empty if none was since the last one was typed
     * @param outcome   what became of it all, once it is over
     */
    record State(
            Listening listening,
            @Nullable Question question,
            boolean isWaiting,
            String alike,
            String unasked,
            boolean isFinished,
            boolean isOver,
            String outcome) {}

    synchronized State state() {
        return new State(
                listening,
                isFinished ? null : questions.peekFirst(),
                questions.isEmpty() && !canAsk(),
                questions.isEmpty() && isAtRest() ? alike() : "",
                unasked,
                isFinished,
                isOver,
                outcome);
    }

    synchronized Listening listening() {
        return listening;
    }

    /** Counts a vote on the question that is shown; one on another is late and says nothing. */
    synchronized void vote(int number, Verdict verdict) {
        Question shown = questions.peekFirst();
        if (shown != null && shown.number() == number && !isFinished) {
            questions.removeFirst();
            resume();
            count(shown.vote(verdict));
        }
    }

    /** Asks this next, and as often as the others later. */
    synchronized void type(String prompt) {
        if (!isFinished) {
            Prompt asksNow = typed(prompt);
            typed.add(asksNow);
            prompts.add(asksNow);
            unasked = "";
            resume();
            while (questions.size() > 1
                    && !typedNumbers.contains(questions.getLast().number())) {
                questions.removeLast(); // what was prepared waits for another time
            }
            notifyAll();
        }
    }

    /** A few more pairs, if there were too many that are the same. */
    private void resume() {
        identicalInARow = Math.min(identicalInARow, SUSPICIOUS);
    }

    private boolean isAtRest() {
        return identicalInARow >= MOST_IDENTICAL;
    }

    private boolean canAsk() {
        return !isAtRest() && !(prompts.isEmpty() && typed.isEmpty());
    }

    private String alike() {
        return "answers do not differ: the last " + MOST_IDENTICAL + " pairs were the same to the letter, up to alpha "
                + Numbers.brief(widest().high()) + "; another prompt can be typed, or begin anew with a larger"
                + " --max-alpha, other --prompts or a higher --temp";
    }

    private AlphaPair widest() {
        return new AlphaPair(0, options.candidates().getLast());
    }

    /** No more questions. */
    synchronized void finish() {
        isFinished = true;
        notifyAll();
    }

    /** The last word, which the page shows. */
    synchronized void end(String what) {
        outcome = what;
        isOver = true;
    }

    private void count(Vote vote) {
        if (failure != null) {
            return;
        }
        try {
            if (log.isPresent()) {
                log.get().append(vote);
            }
            votes.add(vote);
            listening = Listening.of(options, votes);
        } catch (IOException unwritten) {
            failure = unwritten;
        }
        notifyAll();
    }

    /**
     * Prepares questions until somebody says that it is enough.
     *
     * @param problems is told what the page says, too: why something is not asked
     */
    void prepare(AnswerSource source, Cancellation cancellation, Consumer<String> problems) throws IOException {
        Optional<Draft> draft = next(cancellation);
        while (draft.isPresent()) {
            try {
                offer(draft.get(), draft.get().ask(source)).ifPresent(problems);
            } catch (PromptException | ChatTemplateException unanswerable) {
                problems.accept(leaveOut(draft.get(), unanswerable));
            }
            draft = next(cancellation);
        }
    }

    /** Goes on as if the prompt had not been there. */
    private synchronized String leaveOut(Draft draft, ExpoException why) {
        String origin = draft.prompt().origin();
        prompts.removeIf(draft.prompt()::equals);
        typed.removeIf(draft.prompt()::equals);
        asked = draft.number();
        String reason = String.valueOf(why.getMessage());
        unasked = "not asked: " + (reason.startsWith(origin) ? reason : origin + ": " + reason);
        return unasked;
    }

    /**
     * Shows it next, unless there is nothing to choose between, or a prompt was typed meanwhile; says so when there too
     * often was nothing.
     */
    private synchronized Optional<String> offer(Draft draft, Question question) {
        if (question.isIdentical()) {
            identicalInARow++;
            count(question.vote(Verdict.SAME));
            return isAtRest() ? Optional.of(alike()) : Optional.empty();
        }
        identicalInARow = 0;
        if (draft.isTyped()) {
            typedNumbers.add(draft.number());
        } else if (!typed.isEmpty()) {
            return Optional.empty();
        }
        questions.addLast(question);
        return Optional.empty();
    }

    /** What to ask next, without answers. */
    private record Draft(int number, Prompt prompt, boolean isTyped, int seed, AlphaPair alphas, boolean isSwapped) {

        /** Both answers have the same luck; the alpha that the model is at comes first. */
        Question ask(AnswerSource source) throws IOException {
            if (source.readyAlpha() == alphas.high()) {
                Answer high = source.answer(alphas.high(), prompt, seed);
                return new Question(
                        number, prompt, seed, alphas, isSwapped, source.answer(alphas.low(), prompt, seed), high);
            }
            Answer low = source.answer(alphas.low(), prompt, seed);
            return new Question(
                    number, prompt, seed, alphas, isSwapped, low, source.answer(alphas.high(), prompt, seed));
        }
    }

    /** Waits until there is something to prepare; empty at the end. */
    private synchronized Optional<Draft> next(Cancellation cancellation) throws IOException {
        while (true) {
            cancellation.check();
            if (failure != null) {
                throw failure;
            }
            if (isFinished) {
                return Optional.empty();
            }
            if (questions.size() < 2 && canAsk()) {
                return Optional.of(draft());
            }
            try {
                wait(LOOK_UP_MILLIS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                isFinished = true;
            }
        }
    }

    private Draft draft() {
        int number = asked++;
        boolean isTyped = !typed.isEmpty();
        Prompt prompt = isTyped ? typed.removeFirst() : prompts.get(number % prompts.size());
        AlphaPair alphas = identicalInARow >= SUSPICIOUS
                ? widest()
                : listening.next(questions.stream().map(Question::alphas).toList());
        boolean isSwapped = new Random(31L * seed + number).nextBoolean();
        return new Draft(number, prompt, isTyped, seed + number, alphas, isSwapped);
    }
}
