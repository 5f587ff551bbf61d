package io.github.expogguf.infer.decode;

import io.github.expogguf.CancelledException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.infer.token.Vocabulary;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.nativelib.NativeWork;
import io.github.expogguf.work.ComputeThreads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One use of a context: decodes batches and reads logits. Begins with what the last one left: mostly nothing. */
public final class Decoder implements AutoCloseable {

    private static final int NO_ROOM = 1; // results of llama_decode, llama.h v0.5.0
    private static final int ABORTED = 2;

    private final String name;
    private final NativeHandle.Use use;
    private final WeightsGate weights;
    private final WeightsGate.Call call;
    private final DecodeControl control;
    private final ComputeThreads.@Nullable Member member;
    private final boolean ownsMember;
    private final MemorySegment context;
    private final MemorySegment memory;
    private final Vocabulary vocabulary;
    private final Arena arena;
    private final DecodeBatch batch;
    private BooleanSupplier stop = () -> false;
    private @Nullable Mixed mixed; // if the logits are those of several models

    /**
     * The other models.
     *
     * @param gates  what their contexts compute with
     * @param others empty where they compute nothing
     * @param target where logits are combined, of one position at a time
     */
    private record Mixed(
            LogitMix mix,
            LogitMix.Setting setting,
            List<WeightsGate> gates,
            List<Decoder> others,
            MemorySegment target) {}

    /**
     * Logits of one position, not yet looked at.
     *
     * @param others those of the other models, if they compute
     */
    public record Logits(MemorySegment own, List<MemorySegment> others) {}

    /**
     * Begins a use of a context, the only one at a time.
     *
     * @param first whose threads it computes on, because the two take turns; or null
     */
    public static Decoder begin(
            String name,
            Vocabulary vocabulary,
            WeightsGate weights,
            NativeHandle context,
            DecodeControl control,
            int batchTokens,
            @Nullable Decoder first) {
        NativeHandle.Use use = context.useAlone();
        try {
            WeightsGate.Call call = weights.beginCall();
            return new Decoder(name, use, weights, call, control, vocabulary, batchTokens, first);
        } catch (IllegalStateException e) {
            use.close();
            throw e;
        }
    }

    private Decoder(
            String name,
            NativeHandle.Use use,
            WeightsGate weights,
            WeightsGate.Call call,
            DecodeControl control,
            Vocabulary vocabulary,
            int batchTokens,
            @Nullable Decoder first) {
        this.name = name;
        this.use = use;
        this.weights = weights;
        this.call = call;
        this.control = control;
        this.member = first == null ? control.join() : first.member;
        this.ownsMember = first == null;
        this.context = use.pointer();
        this.memory = Llama.llama_get_memory(context);
        this.vocabulary = vocabulary;
        this.arena = Arena.ofShared(); // steps may run on, and uses be ended by, other threads
        this.batch = new DecodeBatch(arena, batchTokens);
    }

    /**
     * Has the logits of several models from now on.
     *
     * @param gates  what the contexts of the other models compute with
     * @param others of contexts of the same size, which this one ends; empty where they compute nothing
     */
    public void mixWith(LogitMix mix, LogitMix.Setting setting, List<WeightsGate> gates, List<Decoder> others) {
        MemorySegment target = arena.allocate(ValueLayout.JAVA_FLOAT, vocabulary.size());
        mixed = new Mixed(mix, setting, gates, others, target);
    }

    private List<Decoder> others() {
        return mixed == null ? List.of() : mixed.others;
    }

    /** Counts what makes the sequences worthless; while it stays the same, what they remember stays true. */
    public long changes() {
        return mixed == null
                ? weights.changes()
                : weights.changes()
                        + mixed.gates.stream().mapToLong(WeightsGate::changes).sum()
                        + mixed.setting.switches();
    }

    public Vocabulary vocabulary() {
        return vocabulary;
    }

    public MemorySegment context() {
        return context;
    }

    public DecodeBatch batch() {
        return batch;
    }

    /** Ends steps from now on as soon as this is true; asked often, on any thread. */
    public void stopWhen(BooleanSupplier stop) {
        this.stop = stop;
        others().forEach(other -> other.stopWhen(stop));
    }

    /**
     * Decodes the batch; its outputs can be read until the next call.
     *
     * @throws CancelledException if it was stopped, or the calling thread is interrupted
     */
    public void decode() {
        if (!decodeUnlessStopped()) {
            throw new CancelledException("cancelled");
        }
    }

    /** Same; returns false if it was stopped, and any part of the batch may be decoded. */
    public boolean decodeUnlessStopped() {
        checkInterrupted();
        Outcome outcome = control.run(member, stop, this::decodeNow);
        if (outcome.code == ABORTED) {
            checkInterrupted();
            return false;
        }
        if (outcome.code != 0) {
            String reason = outcome.code == NO_ROOM
                    ? "the context has no room for " + batch.size() + " more tokens"
                    : "decoding failed with code " + outcome.code;
            throw new InferenceException(name + ": " + reason + ": " + outcome.words);
        }
        return mixed == null || othersDecode(mixed);
    }

    private boolean othersDecode(Mixed mixed) {
        for (int i = 0; i < mixed.others.size(); i++) {
            Decoder other = mixed.others.get(i);
            other.batch.copy(batch, mixed.mix.tokens(i)::read);
            if (!other.decodeUnlessStopped()) {
                return false;
            }
        }
        return true;
    }

    /** What llama.cpp returned, and what it had to say. */
    private record Outcome(int code, String words) {}

    private Outcome decodeNow() {
        try (NativeLog.Capture messages = NativeLog.captureQuietly();
                NativeWork _ = NativeWork.begin(() -> name + ": computing")) {
            int code = Llama.llama_decode(context, batch.struct());
            return new Outcome(code, messages.text());
        }
    }

    private static void checkInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancelledException("interrupted");
        }
    }

    /**
     * Logits of a token of the batch that was decoded last; valid until the next call of {@link #decode}.
     *
     * @return one float per token of the vocabulary, all finite
     */
    public MemorySegment logits(int outputIndex) {
        Logits found = findLogits(outputIndex);
        if (mixed == null || found.others.isEmpty()) {
            return requireNumbers(found.own);
        }
        mixed.mix.combine(mixed.setting.alpha(), found.own, found.others, mixed.target);
        return mixed.target;
    }

    /** The same, not yet looked at, for several positions at a time. */
    public Logits findLogits(int outputIndex) {
        return new Logits(
                find(outputIndex),
                others().stream().map(other -> other.find(outputIndex)).toList());
    }

    /** Fills {@code target} with logits that were found, or their combination; any thread may call. */
    public void copy(Logits found, MemorySegment target) {
        if (mixed == null || found.others.isEmpty()) {
            target.copyFrom(requireNumbers(found.own));
        } else {
            mixed.mix.combine(mixed.setting.alpha(), found.own, found.others, target);
        }
    }

    private MemorySegment find(int outputIndex) {
        MemorySegment logits = Llama.llama_get_logits_ith(context, outputIndex);
        if (logits.equals(MemorySegment.NULL)) {
            throw new InferenceException(name + ": there are no logits for token " + outputIndex + " of the batch");
        }
        return logits.reinterpret((long) Float.BYTES * vocabulary.size());
    }

    /** Returns the logits unless one of them is not a number. */
    private MemorySegment requireNumbers(MemorySegment logits) {
        for (int token = 0; token < vocabulary.size(); token++) {
            float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, token);
            // a masked token may be at minus infinity; samplers cope with that
            if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
                throw new NonFiniteException(name + ": the logit of token " + token + " is " + logit
                        + ", expected a number: the model's weights hold NaN or infinity, or are too large to compute"
                        + " with");
            }
        }
        return logits;
    }

    /** Empties one sequence. */
    public void forget(int sequence) {
        Llama.llama_memory_seq_rm(memory, sequence, -1, -1);
        others().forEach(other -> other.forget(sequence));
    }

    /** Shortens one sequence to its first tokens; returns false if its memory cannot do that: then forget it all. */
    public boolean forgetFrom(int sequence, int position) {
        return !memory.equals(MemorySegment.NULL)
                && Llama.llama_memory_seq_rm(memory, sequence, position, -1)
                && others().stream().allMatch(other -> other.forgetFrom(sequence, position));
    }

    /** Empties all sequences. */
    public void forgetAll() {
        if (!memory.equals(MemorySegment.NULL)) {
            Llama.llama_memory_clear(memory, false);
        }
        others().forEach(Decoder::forgetAll);
    }

    @Override
    public void close() {
        forgetAll();
        closeKeeping();
    }

    /** Ends the use, and leaves the sequences for the next. */
    public void closeKeeping() {
        others().forEach(Decoder::closeKeeping);
        arena.close();
        if (member != null && ownsMember) {
            member.close();
        }
        call.close();
        use.close();
    }
}
