package io.github.expogguf.infer.decode;

import io.github.expogguf.bindings.llama_batch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntUnaryOperator;

/** The tokens of one decoding step, each at its position of its sequence. Reused; memory is the arena's. */
public final class DecodeBatch {

    private final int capacity;
    private final MemorySegment struct;
    private final MemorySegment tokens; // int32 [capacity]
    private final MemorySegment positions; // int32 [capacity]
    private final MemorySegment sequences; // int32 [capacity], one sequence a token
    private final MemorySegment outputs; // int8 [capacity]
    private int size;

    public DecodeBatch(Arena arena, int capacity) {
        this.capacity = capacity;
        this.tokens = arena.allocate(ValueLayout.JAVA_INT, capacity);
        this.positions = arena.allocate(ValueLayout.JAVA_INT, capacity);
        this.sequences = arena.allocate(ValueLayout.JAVA_INT, capacity);
        this.outputs = arena.allocate(ValueLayout.JAVA_BYTE, capacity);
        MemorySegment sequenceCounts = arena.allocate(ValueLayout.JAVA_INT, capacity);
        MemorySegment sequencePointers = arena.allocate(ValueLayout.ADDRESS, capacity);
        for (int i = 0; i < capacity; i++) {
            sequenceCounts.setAtIndex(ValueLayout.JAVA_INT, i, 1);
            sequencePointers.setAtIndex(ValueLayout.ADDRESS, i, sequences.asSlice(4L * i));
        }
        this.struct = llama_batch.allocate(arena);
        llama_batch.token(struct, tokens);
        llama_batch.embd(struct, MemorySegment.NULL);
        llama_batch.pos(struct, positions);
        llama_batch.n_seq_id(struct, sequenceCounts);
        llama_batch.seq_id(struct, sequencePointers);
        llama_batch.logits(struct, outputs);
    }

    public void clear() {
        size = 0;
    }

    public int size() {
        return size;
    }

    public int free() {
        return capacity - size;
    }

    /** Adds a token and returns its index, under which its logits are found if {@code output}. */
    public int add(int token, int position, int sequence, boolean output) {
        tokens.setAtIndex(ValueLayout.JAVA_INT, size, token);
        positions.setAtIndex(ValueLayout.JAVA_INT, size, position);
        sequences.setAtIndex(ValueLayout.JAVA_INT, size, sequence);
        outputs.setAtIndex(ValueLayout.JAVA_BYTE, size, (byte) (output ? 1 : 0));
        return size++;
    }

    /** Takes over what another has, with the tokens that stand for its own. */
    void copy(DecodeBatch other, IntUnaryOperator token) {
        size = other.size;
        for (int i = 0; i < size; i++) {
            tokens.setAtIndex(
                    ValueLayout.JAVA_INT, i, token.applyAsInt(other.tokens.getAtIndex(ValueLayout.JAVA_INT, i)));
        }
        positions.copyFrom(other.positions.asSlice(0, (long) Integer.BYTES * size));
        sequences.copyFrom(other.sequences.asSlice(0, (long) Integer.BYTES * size));
        outputs.copyFrom(other.outputs.asSlice(0, size));
    }

    MemorySegment struct() {
        llama_batch.n_tokens(struct, size);
        return struct;
    }
}
