package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.DecodeBatch;
import io.github.expogguf.infer.decode.Decoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the thread of a {@link ChatServer} does. Every step decodes the next token of each answer, and fills the batch
 * with prompts, each with as much of what is left as the others. Between steps, answers come and go.
 */
final class ChatLoop implements Runnable {

    /**
     * Most tokens of prompts in a step that answers wait for; a step of 512 tokens takes seconds with a large model.
     */
    private static final int PROMPT_TOKENS_BESIDE_ANSWERS = 128;

    private final LlamaContext context;
    private final List<ChatSlot> slots;
    private final List<Runnable> endings = new ArrayList<>(); // of answers, told when the weights may be changed again
    private final Deque<ChatAnswer> waiting = new ArrayDeque<>(); // guarded by this
    private boolean closed; // guarded by this
    private volatile List<ChatAnswer> inStep = List.of();
    private long knownChanges; // of the weights, when the tokens of the slots were seen
    private long begun; // answers, ever
    private int turn;

    ChatLoop(LlamaContext context) {
        this.context = context;
        this.slots = IntStream.range(0, context.sequences())
                .mapToObj(sequence -> new ChatSlot(sequence, context.contextTokens(), endings::add))
                .toList();
    }

    synchronized void add(ChatAnswer answer) {
        if (closed) {
            throw new IllegalStateException(
                    "the chat server of " + context.model().name() + " is closed");
        }
        waiting.add(answer);
        notifyAll();
    }

    synchronized int waiting() {
        return waiting.size();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void run() {
        try {
            while (awaitWork()) {
                work();
            }
        } finally {
            close();
            takeWaiting().forEach(ChatSlot::endUnseen);
            context.close();
        }
    }

    private synchronized boolean awaitWork() {
        while (waiting.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException _) {
                // nobody is to interrupt this thread
            }
        }
        return !closed;
    }

    private synchronized List<ChatAnswer> takeWaiting() {
        List<ChatAnswer> taken = List.copyOf(waiting);
        waiting.clear();
        return taken;
    }

    /** Answers until nobody waits any more; the weights cannot be changed meanwhile. */
    private void work() {
        Decoder decoder;
        try {
            decoder = context.decoder();
        } catch (RuntimeException e) { // the weights are being changed
            takeWaiting().forEach(answer -> answer.fail(e));
            return;
        }
        try {
            decoder.stopWhen(this::isNothingWanted);
            forgetOtherWeights(decoder);
            while (prepare(decoder)) {
                tellEndings();
                step(decoder);
            }
        } catch (Throwable failure) {
            active().forEach(slot -> slot.fail(failure));
            slots.forEach(slot -> slot.forget(decoder));
        } finally {
            inStep = List.of();
            decoder.closeKeeping();
            tellEndings();
        }
    }

    private void tellEndings() {
        endings.forEach(Runnable::run);
        endings.clear();
    }

    /** What llama.cpp asks during a step. */
    private boolean isNothingWanted() {
        return isClosed() || inStep.stream().allMatch(ChatAnswer::isUnwanted);
    }

    private void forgetOtherWeights(Decoder decoder) {
        long changes = decoder.changes();
        if (changes != knownChanges) {
            slots.forEach(slot -> slot.forget(decoder));
            knownChanges = changes;
        }
    }

    /** Lets go of what nobody wants, and takes on what waits; returns whether there is something to do. */
    private boolean prepare(Decoder decoder) {
        boolean isEnd = isClosed();
        for (ChatSlot slot : active()) {
            if (isEnd || slot.answer().isUnwanted()) {
                slot.end();
            }
        }
        if (isEnd) {
            return false;
        }
        List<ChatAnswer> unwanted;
        synchronized (this) {
            unwanted = waiting.stream().filter(ChatAnswer::isUnwanted).toList();
            waiting.removeAll(unwanted);
        }
        unwanted.forEach(ChatSlot::endUnseen);
        seat(decoder);
        return slots.stream().anyMatch(slot -> !slot.isFree());
    }

    private void seat(Decoder decoder) {
        List<ChatSlot> free =
                new ArrayList<>(slots.stream().filter(ChatSlot::isFree).toList());
        while (!free.isEmpty()) {
            ChatAnswer answer;
            synchronized (this) {
                answer = waiting.poll();
            }
            if (answer == null) {
                return;
            }
            ChatSlot slot = choose(free, answer.prompt());
            free.remove(slot);
            try {
                slot.begin(decoder, answer, ++begun);
            } catch (Throwable failure) {
                answer.fail(failure);
                throw failure;
            }
        }
    }

    /** The slot that knows most of the prompt, if that is worth it; else the one that was used longest ago. */
    private static ChatSlot choose(List<ChatSlot> free, int[] prompt) {
        ChatSlot best = Collections.max(free, Comparator.comparingInt(slot -> slot.common(prompt)));
        return best.common(prompt) > 0 && best.isWorthKeepingFor(prompt)
                ? best
                : Collections.min(free, Comparator.comparingLong(ChatSlot::lastUse));
    }

    private List<ChatSlot> active() {
        return slots.stream().filter(slot -> !slot.isFree()).toList();
    }

    private void step(Decoder decoder) {
        List<ChatSlot> active = active();
        inStep = active.stream().map(ChatSlot::answer).toList();
        fill(decoder.batch(), active);
        if (!decoder.decodeUnlessStopped()) {
            for (ChatSlot slot : active) {
                slot.forget(decoder);
                slot.end();
            }
            return;
        }
        active.forEach(slot -> slot.takeToken(decoder));
    }

    private void fill(DecodeBatch batch, List<ChatSlot> active) {
        batch.clear();
        List<ChatSlot> reading = new ArrayList<>();
        for (ChatSlot slot : active) {
            if (slot.isReading()) {
                reading.add(slot);
            } else {
                slot.feedToken(batch);
            }
        }
        int room = batch.size() == 0
                ? batch.free()
                : Math.min(batch.free(), Math.max(PROMPT_TOKENS_BESIDE_ANSWERS, reading.size()));
        // who comes first gets what does not divide
        Collections.rotate(reading, turn++);
        for (int i = 0; i < reading.size(); i++) {
            room -= reading.get(i).feedPrompt(batch, Math.ceilDiv(room, reading.size() - i));
        }
    }
}
