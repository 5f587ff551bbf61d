package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.DecodeBatch;
import io.github.expogguf.infer.decode.Decoder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A sequence of the context, with the tokens it knows and the answer that is made in it. Used by one thread. */
final class ChatSlot {

    private final int sequence;
    private final Consumer<Runnable> endings;
    private final int[] known; // tokens of the sequence, in their order
    private int knownCount;
    private int output; // index in the batch of the token whose logits count, or -1
    private long lastUse;
    private @Nullable Task task;

    /** An answer that is made. */
    private record Task(ChatAnswer answer, GrowingAnswer growing) {}

    /** @param endings are told what tells whoever reads that an answer is at its end */
    ChatSlot(int sequence, int contextTokens, Consumer<Runnable> endings) {
        this.sequence = sequence;
        this.endings = endings;
        this.known = new int[contextTokens];
    }

    boolean isFree() {
        return task == null;
    }

    long lastUse() {
        return lastUse;
    }

    /** Tokens that a prompt and this sequence have in common at their beginnings. */
    int common(int[] prompt) {
        int mismatch = Arrays.mismatch(known, 0, knownCount, prompt, 0, prompt.length);
        return mismatch < 0 ? knownCount : mismatch;
    }

    /** Whether more would be kept than lost if a prompt were read here. */
    boolean isWorthKeepingFor(int[] prompt) {
        return 2 * common(prompt) > knownCount;
    }

    /** Takes an answer on. */
    void begin(Decoder decoder, ChatAnswer answer, long now) {
        int[] prompt = answer.prompt();
        // the last token is decoded again in any case, because its logits are wanted
        forgetFrom(decoder, Math.min(common(prompt), prompt.length - 1));
        answer.setReusedTokens(knownCount);
        lastUse = now;
        output = -1;
        GenerationOptions how = answer.how();
        task = new Task(
                answer, new GrowingAnswer(how, how.sampling().seed(), prompt, known.length, decoder.vocabulary()));
    }

    /** Shortens the sequence, to nothing if its memory (a recurrent state) cannot be shortened. */
    private void forgetFrom(Decoder decoder, int position) {
        if (position != knownCount) {
            if (position > 0 && decoder.forgetFrom(sequence, position)) {
                knownCount = position;
            } else {
                forget(decoder);
            }
        }
    }

    void forget(Decoder decoder) {
        decoder.forget(sequence);
        knownCount = 0;
    }

    private Task task() {
        return Objects.requireNonNull(task);
    }

    ChatAnswer answer() {
        return task().answer;
    }

    /** Whether a part of the prompt is still to be read. */
    boolean isReading() {
        return knownCount < answer().prompt().length;
    }

    /** Adds the token that was chosen last to the batch. */
    void feedToken(DecodeBatch batch) {
        output = feed(batch, task().growing.lastToken(), true);
    }

    /** Adds so many tokens of the prompt at most; returns how many. */
    int feedPrompt(DecodeBatch batch, int most) {
        int[] prompt = answer().prompt();
        int count = Math.min(most, prompt.length - knownCount);
        output = -1;
        for (int i = 0; i < count; i++) {
            boolean isLast = knownCount == prompt.length - 1;
            int index = feed(batch, prompt[knownCount], isLast);
            output = isLast ? index : -1;
        }
        return count;
    }

    private int feed(DecodeBatch batch, int token, boolean isOutput) {
        known[knownCount] = token;
        return batch.add(token, knownCount++, sequence, isOutput);
    }

    /** After the batch was decoded: chooses a token, if the prompt is read, and ends the answer where it says so. */
    void takeToken(Decoder decoder) {
        if (output < 0) {
            return;
        }
        ChatAnswer answer = answer();
        try {
            answer.add(task().growing.take(decoder, output, knownCount == known.length));
        } catch (RuntimeException e) {
            forget(decoder);
            fail(e);
            return;
        }
        if (task().growing.isAtEnd()) {
            end();
        }
    }

    /** Ends the answer, as stopped unless it is at its end. */
    void end() {
        Task ended = task();
        task = null;
        ended.growing.close();
        Generation result = ended.growing.result();
        endings.accept(() -> ended.answer.end(result));
    }

    void fail(Throwable thrown) {
        Task ended = task();
        task = null;
        ended.growing.close();
        endings.accept(() -> ended.answer.fail(thrown));
    }

    /** An answer that nobody worked on. */
    static void endUnseen(ChatAnswer answer) {
        answer.end(new Generation("", List.of(), answer.prompt().length, Generation.FinishReason.STOPPED));
    }
}
