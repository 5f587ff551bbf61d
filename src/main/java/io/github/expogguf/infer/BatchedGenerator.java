package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.Decoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Answers many prompts with a few sequences: every step decodes the next token of each answer under way, and fills the
 * batch with prompts that begin. A sequence whose answer ends takes the next prompt.
 */
final class BatchedGenerator implements AutoCloseable {

    private final Decoder decoder;
    private final int contextTokens;
    private final GenerationOptions options;
    private final Generation.Listener listener;
    private final List<int[]> prompts;
    private final Generation[] results;
    private final Iterator<Integer> waiting; // indices of prompts
    private final List<Answer> active = new ArrayList<>();

    BatchedGenerator(
            Decoder decoder,
            int sequences,
            int contextTokens,
            List<int[]> prompts,
            GenerationOptions options,
            Generation.Listener listener) {
        this.decoder = decoder;
        this.contextTokens = contextTokens;
        this.prompts = prompts;
        this.options = options;
        this.listener = listener;
        this.results = new Generation[prompts.size()];
        this.waiting = IntStream.range(0, prompts.size()).iterator();
        for (int sequence = 0; sequence < sequences && waiting.hasNext(); sequence++) {
            begin(sequence);
        }
    }

    private void begin(int sequence) {
        int index = waiting.next();
        active.add(new Answer(index, prompts.get(index), sequence));
    }

    /** Whether some answer is not at its end. */
    boolean isUnderWay() {
        return !active.isEmpty();
    }

    /** One more token of every answer under way, or more of their prompts. */
    void step() {
        decodeStep();
        for (int i = active.size() - 1; i >= 0; i--) {
            Answer answer = active.get(i);
            if (answer.growing.isAtEnd()) {
                results[answer.promptIndex] = answer.end();
                active.remove(i);
                if (waiting.hasNext()) {
                    begin(answer.sequence);
                }
            }
        }
    }

    /** The answers, in the order of the prompts; null where one is under way. */
    List<Generation> results() {
        return Arrays.asList(results);
    }

    /** Ends the answers that are under way, as stopped. */
    @Override
    public void close() {
        for (Answer answer : active) {
            results[answer.promptIndex] = answer.end();
        }
        active.clear();
    }

    /** Decodes one batch: answers under way come first, so that a long prompt does not hold them up. */
    private void decodeStep() {
        decoder.batch().clear();
        active.stream().filter(Answer::isAnswering).forEach(Answer::feed);
        active.stream().filter(answer -> !answer.isAnswering()).forEach(Answer::feed);
        decoder.decode();
        active.forEach(Answer::takeToken);
    }

    /** One prompt in one sequence. */
    private final class Answer {

        private final int promptIndex;
        private final int[] prompt;
        private final int sequence;
        private final GrowingAnswer growing;
        private int position; // tokens of the sequence that were fed
        private int output; // index in the batch of the token whose logits count, or -1

        Answer(int promptIndex, int[] prompt, int sequence) {
            this.promptIndex = promptIndex;
            this.prompt = prompt;
            this.sequence = sequence;
            this.growing = new GrowingAnswer(
                    options, options.sampling().seed() + promptIndex, prompt, contextTokens, decoder.vocabulary());
        }

        boolean isAnswering() {
            return position >= prompt.length;
        }

        /** Adds the token chosen last, or as much of the prompt as the batch takes. */
        void feed() {
            output = -1;
            if (isAnswering()) {
                output = decoder.batch().add(growing.lastToken(), position++, sequence, true);
                return;
            }
            while (position < prompt.length && decoder.batch().free() > 0) {
                boolean last = position == prompt.length - 1;
                int index = decoder.batch().add(prompt[position], position, sequence, last);
                position++;
                output = last ? index : -1;
            }
        }

        void takeToken() {
            if (output < 0) {
                return;
            }
            String text = growing.take(decoder, output, position == contextTokens);
            boolean isNews = !growing.isEndedByModel() || !text.isEmpty();
            if (isNews && !listener.onText(promptIndex, text)) {
                growing.stop();
            }
        }

        Generation end() {
            growing.close();
            decoder.forget(sequence);
            return growing.result();
        }
    }
}
