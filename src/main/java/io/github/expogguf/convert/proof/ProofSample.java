package io.github.expogguf.convert.proof;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.convert.config.OwnTokens;
import io.github.expogguf.convert.gather.GatheredElements;
import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.quant.RowCodecs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Some rows of a tensor of the template, and the same of what may be it; a value of a token's is a row, too. */
final class ProofSample {

    private static final long ELEMENTS = 1 << 15; // of each tensor, in whole rows
    private static final long ROWS = 16; // at least, or all
    private static final double GOLDEN = 0.6180339887498949; // rows at no regular distance: heads begin at those

    private final GatheredElements elements;
    private final long rowLength;
    private final List<Long> templateRows = new ArrayList<>();
    private final List<Long> rows = new ArrayList<>(); // the same of the checkpoint
    private final float[] weights;

    /**
     * Reads some rows of the template.
     *
     * @param elements of the checkpoint
     */
    ProofSample(TensorInfo tensor, SourceModel template, SharedRows tokens, GatheredElements elements)
            throws IOException {
        this.elements = elements;
        Optional<OwnTokens> own = tokens.own(tensor);
        Optional<int[]> trained = tokens.trained(tensor);
        rowLength = tokens.rowLength(tensor);
        long all = trained.map(each -> (long) each.length).orElse(tensor.shape().rowCount());
        long count = Math.min(all, Math.max(ROWS, ELEMENTS / rowLength));
        for (long i = 0; i < count; i++) {
            double within = count == all ? 0 : i * GOLDEN % 1;
            long place = Math.min(all - 1, (long) ((i + within) * all / count));
            long row = trained.isEmpty() ? place : trained.get()[(int) place];
            templateRows.add(own.isEmpty() ? row : own.get().counterparts()[(int) row]);
            rows.add(own.isEmpty() ? row : own.get().common()[(int) row]);
        }
        weights = new float[Math.toIntExact(count * rowLength)];
        long rowBytes = tensor.type().rowBytes(rowLength);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(rowBytes, Long.BYTES);
            MemorySegment floats = arena.allocate(Float.BYTES * rowLength, Float.BYTES);
            for (int row = 0; row < rows.size(); row++) {
                template.read(tensor, templateRows.get(row) * rowBytes, packed);
                RowCodecs.of(tensor.type()).dequantize(rowLength, 1, packed, floats);
                copy(floats, weights, row);
            }
        }
    }

    /** The template's. */
    float[] weights() {
        return weights;
    }

    /** Place of an infinity or NaN among the sampled values, or -1. */
    int firstNonFinite(float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    long templateRow(int sampled) {
        return templateRows.get((int) (sampled / rowLength));
    }

    long row(int sampled) {
        return rows.get((int) (sampled / rowLength));
    }

    /** Its place in the tensor. */
    long element(int sampled) {
        return row(sampled) * rowLength + sampled % rowLength;
    }

    private void copy(MemorySegment floats, float[] all, int row) {
        int length = Math.toIntExact(rowLength);
        MemorySegment.copy(floats, JAVA_FLOAT_UNALIGNED, 0, all, row * length, length);
    }

    /** Beside what a rule makes of the checkpoint. */
    Candidate compare(String rule, Gathering gathering) throws IOException {
        float[] values = new float[weights.length];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(Float.BYTES * rowLength, Float.BYTES);
            for (int row = 0; row < rows.size(); row++) {
                elements.read(gathering, rows.get(row) * rowLength, rowLength, GgmlType.F32, floats);
                copy(floats, values, row);
            }
        }
        Closeness.Sums sums = new Closeness.Sums();
        for (int i = 0; i < weights.length; i++) {
            sums.add(weights[i], values[i]);
        }
        return new Candidate(rule, gathering, sums.closeness(), values);
    }
}
