package io.github.expogguf.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.grid.Codebook;
import io.github.expogguf.quant.unpack.BlockDequantizer;
import io.github.expogguf.quant.unpack.WideUnpack32;
import io.github.expogguf.quant.unpack.WideUnpackGrid;
import io.github.expogguf.quant.unpack.WideUnpackK;
import io.github.expogguf.quant.unpack.WideUnpackQ3K;
import io.github.expogguf.quant.unpack.WideUnpackTable;
import java.lang.foreign.MemorySegment;

/**
 * Dequantizes in SIMD code, to the floats of ggml, the types for which that is at least one and a half times as fast.
 * Quantizing is another codec's.
 */
final class WideDequantizingCodec implements RowCodec {

    /** Elements that are worked on at once: their packed bytes stay in the L1 cache. A multiple of all block sizes. */
    static final int STRIP = 2048;

    private final RowCodec rest;
    private final BlockDequantizer dequantizer;

    private WideDequantizingCodec(RowCodec rest, BlockDequantizer dequantizer) {
        this.rest = rest;
        this.dequantizer = dequantizer;
    }

    /**
     * Asked for only if the vector module is there.
     *
     * @param rest quantizes
     */
    static WideDequantizingCodec of(RowCodec rest) {
        return new WideDequantizingCodec(rest, dequantizer(rest.type()));
    }

    /** Whether there is SIMD code for a type. */
    static boolean isSupported(GgmlType type) {
        return switch (type) {
            case Q2_K, Q3_K, Q6_K -> true;
            case Q4_0, Q4_1, Q5_0, Q5_1 -> true;
            case IQ4_NL, IQ4_XS, MXFP4 -> true;
            case IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S -> true;
            default -> false;
        };
    }

    private static BlockDequantizer dequantizer(GgmlType type) {
        return switch (type) {
            case Q2_K -> WideUnpackK::q2K;
            case Q3_K -> WideUnpackQ3K::q3K;
            case Q6_K -> WideUnpackK::q6K;
            case Q4_0 -> WideUnpack32::q4_0;
            case Q4_1 -> WideUnpack32::q4_1;
            case Q5_0 -> WideUnpack32::q5_0;
            case Q5_1 -> WideUnpack32::q5_1;
            case IQ4_NL -> WideUnpackTable::iq4Nl;
            case IQ4_XS -> WideUnpackTable::iq4Xs;
            case MXFP4 -> WideUnpackTable::mxfp4;
            case IQ2_XXS -> grid(type)::iq2Xxs;
            case IQ2_XS -> grid(type)::iq2Xs;
            case IQ2_S -> grid(type)::iq2S;
            case IQ3_XXS -> grid(type)::iq3Xxs;
            case IQ3_S -> grid(type)::iq3S;
            default -> throw new IllegalArgumentException(type + " has no SIMD code");
        };
    }

    private static WideUnpackGrid grid(GgmlType type) {
        return new WideUnpackGrid(Codebook.of(type).read());
    }

    @Override
    public GgmlType type() {
        return rest.type();
    }

    @Override
    public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        long count = RowChecks.dequantize(type(), rowLength, rowCount, source, target);
        int blockBytes = type().blockBytes();
        long blocks = count / type().blockSize(); // rows follow each other without a gap
        int stripBlocks = (int) Math.min(STRIP / type().blockSize(), blocks);
        byte[] strip = new byte[stripBlocks * blockBytes + BlockDequantizer.PADDING];
        for (long first = 0; first < blocks; first += stripBlocks) {
            int size = (int) Math.min(stripBlocks, blocks - first);
            MemorySegment.copy(source, JAVA_BYTE, first * blockBytes, strip, 0, size * blockBytes);
            dequantizer.dequantize(strip, size, target, first * type().blockSize() * Float.BYTES);
        }
    }

    @Override
    public void quantize(
            long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
        rest.quantize(rowLength, rowCount, source, importance, target);
    }
}
