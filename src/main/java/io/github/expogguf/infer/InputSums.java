package io.github.expogguf.infer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.github.expogguf.InferenceException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_tensor;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.imatrix.ImatrixSums;
import io.github.expogguf.text.Escape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the squares of what the matrices of a model are multiplied with, while llama.cpp computes: as its callback
 * for every operation. Which operations count, and the order of the sums, are those of llama-imatrix ({@code
 * collect_imatrix} in imatrix.cpp, llama.cpp v0.5.0). Of one context, whose calls come one at a time.
 */
final class InputSums {

    private static final int MIN_ROWS = 16; // of a batch; llama-imatrix leaves smaller ones out

    private final String model;
    private final boolean processOutput;
    private final Map<String, ImatrixSums.Entry> entries = new HashMap<>();
    private final Arena arena = Arena.ofShared();
    private MemorySegment scratch = MemorySegment.NULL;
    private @Nullable Throwable failure;

    InputSums(String model, boolean processOutput) {
        this.model = model;
        this.processOutput = processOutput;
    }

    /** Goes on from what an earlier run has summed. */
    void start(Map<String, ImatrixSums.Entry> earlier) {
        failure = null;
        entries.clear();
        earlier.forEach((name, entry) -> entries.put(
                name, new ImatrixSums.Entry(entry.sums().clone(), entry.counts().clone())));
    }

    /** What was summed so far; the arrays are those that further sums go into. */
    Map<String, ImatrixSums.Entry> entries() {
        return entries;
    }

    /**
     * The callback: whether a result is wanted, then the result. Nothing may leave an upcall, or the JVM exits.
     *
     * @param ask whether it is a question
     * @return for a question, whether the operation counts
     */
    boolean evaluate(MemorySegment operation, boolean ask, MemorySegment unused) {
        try {
            if (failure != null) {
                return !ask;
            }
            MemorySegment node = operation.reinterpret(ggml_tensor.sizeof());
            if (ask) {
                return isWanted(node);
            }
            add(node);
            return true;
        } catch (Throwable e) {
            failure = e;
            return !ask;
        }
    }

    /** Throws what went wrong in the callback, as it was. */
    void rethrow() {
        switch (failure) {
            case null -> {}
            case Error error -> throw error;
            case RuntimeException exception -> throw exception;
            default -> throw new IllegalStateException(failure);
        }
    }

    private boolean isWanted(MemorySegment node) {
        int operation = ggml_tensor.op(node);
        boolean isOfExperts = operation == Llama.GGML_OP_MUL_MAT_ID();
        if (!isOfExperts && operation != Llama.GGML_OP_MUL_MAT()) {
            return false;
        }
        MemorySegment input = source(node, 1);
        if (ggml_tensor.type(input) != GgmlType.F32.id()) {
            return false;
        }
        if (isOfExperts) {
            return true;
        }
        String name = name(source(node, 0));
        return ggml_tensor.ne(input, 1) >= MIN_ROWS
                && (name.startsWith("blk.") || (processOutput && name.equals(TensorNames.OUTPUT)));
    }

    private static MemorySegment source(MemorySegment node, int index) {
        return ggml_tensor.src(node, index).reinterpret(ggml_tensor.sizeof());
    }

    private static String name(MemorySegment tensor) {
        return withoutDevice(Llama.ggml_get_name(tensor).getString(0));
    }

    /** Without what copies on other devices have around it: {@code CUDA0#blk.0.attn_k.weight#0}. */
    static String withoutDevice(String name) {
        int start = name.indexOf('#') + 1;
        int end = name.indexOf('#', start);
        return name.substring(start, start > 0 && end >= 0 ? end : name.length());
    }

    private void add(MemorySegment node) {
        MemorySegment matrix = source(node, 0);
        String name = name(matrix);
        Inputs inputs = new Inputs(source(node, 1));
        if (ggml_tensor.op(node) == Llama.GGML_OP_MUL_MAT_ID()) {
            addOfExperts(name, matrix, inputs, source(node, 2));
        } else {
            addAll(name, matrix, inputs);
        }
    }

    /** All rows go into the one matrix, or those of each slice into its own. */
    private void addAll(String name, MemorySegment matrix, Inputs inputs) {
        long slices = ggml_tensor.ne(matrix, 2);
        long matrices = slices * ggml_tensor.ne(matrix, 3);
        ImatrixSums.Entry entry = entry(name, inputs.rowLength * matrices, 1);
        read(inputs.tensor);
        float[] row = new float[inputs.rowLength];
        for (long i3 = 0; i3 < inputs.ne3; i3++) {
            for (long i2 = 0; i2 < inputs.ne2; i2++) {
                long number = (i3 % ggml_tensor.ne(matrix, 3)) * slices + i2 % slices;
                for (long i1 = 0; i1 < inputs.ne1; i1++) {
                    inputs.copyRow(i1, i2, i3, row);
                    addSquares(row, entry.sums(), Math.toIntExact(number * inputs.rowLength));
                }
            }
        }
        requireFinite(name, entry.sums());
        for (int i = 0; i < entry.counts().length; i++) {
            entry.counts()[i] += inputs.ne1 * inputs.ne2 * inputs.ne3 / matrices;
        }
    }

    /** Every row goes to the experts that were chosen for its token. */
    private void addOfExperts(String name, MemorySegment matrix, Inputs inputs, MemorySegment chosen) {
        int experts = Math.toIntExact(ggml_tensor.ne(matrix, 2));
        long uses = ggml_tensor.ne(chosen, 0);
        long tokens = inputs.ne2;
        if (inputs.ne3 != 1 || ggml_tensor.ne(chosen, 1) != tokens) {
            throw new InferenceException(model + ": tensor " + Escape.quote(name) + ": " + inputs.ne1 + " x " + tokens
                    + " x " + inputs.ne3 + " inputs, and experts are chosen for " + ggml_tensor.ne(chosen, 1)
                    + " tokens");
        }
        ImatrixSums.Entry entry = entry(name, (long) inputs.rowLength * experts, experts);
        read(chosen);
        int[][] numbers = new int[Math.toIntExact(uses)][Math.toIntExact(tokens)];
        for (int use = 0; use < uses; use++) {
            for (int token = 0; token < tokens; token++) {
                numbers[use][token] = scratch.get(
                        JAVA_INT_UNALIGNED, token * ggml_tensor.nb(chosen, 1) + use * ggml_tensor.nb(chosen, 0));
            }
        }
        read(inputs.tensor);
        float[] row = new float[inputs.rowLength];
        for (int use = 0; use < uses; use++) {
            for (int token = 0; token < tokens; token++) {
                int expert = numbers[use][token];
                if (expert < 0 || expert >= experts) {
                    throw new InferenceException(model + ": tensor " + Escape.quote(name) + ": expert " + expert
                            + " of " + experts + " was chosen");
                }
                inputs.copyRow(use % inputs.ne1, token, 0, row);
                addSquares(row, entry.sums(), expert * inputs.rowLength);
                entry.counts()[expert]++;
            }
        }
        requireFinite(name, entry.sums());
    }

    /** The sums of a tensor. One that is multiplied with all at a time and by experts, too, has counts for each. */
    private ImatrixSums.Entry entry(String name, long sums, int counts) {
        ImatrixSums.Entry entry = entries.computeIfAbsent(
                name, _ -> new ImatrixSums.Entry(new float[Math.toIntExact(sums)], new long[counts]));
        if (entry.sums().length != sums) {
            throw new InferenceException(model + ": tensor " + Escape.quote(name) + ": " + sums
                    + " sums of inputs, but " + entry.sums().length + " before");
        }
        if (entry.counts().length < counts) {
            long[] each = new long[counts];
            Arrays.fill(each, entry.counts()[0]);
            entry = new ImatrixSums.Entry(entry.sums(), each);
            entries.put(name, entry);
        }
        return entry;
    }

    /** Brings all bytes of a tensor here, from wherever they are. */
    private void read(MemorySegment tensor) {
        long bytes = Llama.ggml_nbytes(tensor);
        if (scratch.byteSize() < bytes) {
            scratch = arena.allocate(bytes, Float.BYTES);
        }
        Llama.ggml_backend_tensor_get(tensor, scratch, 0, bytes);
    }

    private static void addSquares(float[] row, float[] sums, int at) {
        for (int i = 0; i < row.length; i++) {
            sums[at + i] += row[i] * row[i];
        }
    }

    private void requireFinite(String name, float[] sums) {
        float any = 0;
        for (float sum : sums) {
            any += sum * 0; // NaN where a sum is not finite
        }
        if (any != 0) {
            throw new NonFiniteException(model + ": the inputs of tensor " + Escape.quote(name)
                    + " hold NaN or infinity, or their squares are too large to sum: the model's weights hold NaN or"
                    + " infinity, or are too large to compute with");
        }
    }

    /** What a matrix is multiplied with; its bytes are in the scratch memory once it was read. */
    private final class Inputs {

        private final MemorySegment tensor;
        private final int rowLength;
        private final long ne1;
        private final long ne2;
        private final long ne3;

        Inputs(MemorySegment tensor) {
            this.tensor = tensor;
            this.rowLength = Math.toIntExact(ggml_tensor.ne(tensor, 0));
            this.ne1 = ggml_tensor.ne(tensor, 1);
            this.ne2 = ggml_tensor.ne(tensor, 2);
            this.ne3 = ggml_tensor.ne(tensor, 3);
            if (ggml_tensor.nb(tensor, 0) != Float.BYTES) {
                throw new InferenceException(model + ": inputs whose elements are " + ggml_tensor.nb(tensor, 0)
                        + " bytes apart, expected " + Float.BYTES);
            }
        }

        void copyRow(long i1, long i2, long i3, float[] row) {
            long offset =
                    i1 * ggml_tensor.nb(tensor, 1) + i2 * ggml_tensor.nb(tensor, 2) + i3 * ggml_tensor.nb(tensor, 3);
            MemorySegment.copy(scratch, JAVA_FLOAT_UNALIGNED, offset, row, 0, rowLength);
        }
    }

    /** Lets go of the memory, when the context is freed. */
    void close() {
        arena.close();
    }
}
