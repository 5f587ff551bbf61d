package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.Decoder;
import io.github.expogguf.work.Progress;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Feeds passages to a few sequences and shows the logits of their scored tokens. Passages of similar length go
 * together, because llama.cpp computes the tokens of several sequences at once only as far as all of them reach.
 */
final class PassageReader {

    private final Decoder decoder;
    private final int mostOutputs;
    private final int threads;
    private final Deque<Integer> freeSequences = new ArrayDeque<>();
    private final List<Reading> active = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();

    /** Logits of the step: where they are in the batch, and what they predict. */
    private record Output(int index, int passage, int position) {}

    PassageReader(Decoder decoder, int sequences, int mostOutputs, int threads) {
        this.decoder = decoder;
        this.mostOutputs = mostOutputs;
        this.threads = threads;
        IntStream.range(0, sequences).forEach(freeSequences::add);
    }

    void read(List<Passage> passages, LogitsVisitor visitor, Progress.Listener listener) {
        Iterator<Integer> waiting = IntStream.range(0, passages.size())
                .boxed()
                .sorted(Comparator.comparingInt(index -> passages.get(index).tokens().length))
                .iterator();
        int done = 0;
        while (done < passages.size()) {
            decoder.batch().clear();
            outputs.clear();
            active.forEach(Reading::feed);
            while (hasRoom() && !freeSequences.isEmpty() && waiting.hasNext()) {
                int index = waiting.next();
                Reading reading = new Reading(index, passages.get(index), freeSequences.pop());
                active.add(reading);
                reading.feed();
            }
            decoder.decode();
            show(visitor);
            done += release();
            listener.progress(new Progress(Progress.Stage.READ, "", done, passages.size()));
        }
    }

    private boolean hasRoom() {
        return decoder.batch().free() > 0 && outputs.size() < mostOutputs;
    }

    /** Every thread takes each so many-th output, and has one copy of logits. */
    private void show(LogitsVisitor visitor) {
        List<Decoder.Logits> found = outputs.stream()
                .map(output -> decoder.findLogits(output.index()))
                .toList();
        int workers = Math.min(threads, outputs.size());
        IntStream.range(0, workers).parallel().forEach(worker -> {
            float[] logits = new float[decoder.vocabulary().size()];
            for (int i = worker; i < found.size(); i += workers) {
                decoder.copy(found.get(i), MemorySegment.ofArray(logits));
                visitor.visit(outputs.get(i).passage(), outputs.get(i).position(), logits);
            }
        });
    }

    private int release() {
        List<Reading> ended = active.stream().filter(Reading::isAtEnd).toList();
        for (Reading reading : ended) {
            decoder.forget(reading.sequence);
            freeSequences.add(reading.sequence);
        }
        active.removeAll(ended);
        return ended.size();
    }

    /** One passage in one sequence. */
    private final class Reading {

        private final int index;
        private final Passage passage;
        private final int sequence;
        private int position; // tokens that were fed

        Reading(int index, Passage passage, int sequence) {
            this.index = index;
            this.passage = passage;
            this.sequence = sequence;
        }

        /** The last token predicts nothing that is wanted, so it is never fed. */
        boolean isAtEnd() {
            return position == passage.tokens().length - 1;
        }

        void feed() {
            while (!isAtEnd() && hasRoom()) {
                boolean isWanted = position + 1 >= passage.firstScored();
                int at = decoder.batch().add(passage.tokens()[position], position, sequence, isWanted);
                position++;
                if (isWanted) {
                    outputs.add(new Output(at, index, position));
                }
            }
        }
    }
}
