package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.TensorInfo;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of every tensor: small tensors whole, of others as many pieces as a bound allows, one from each of as many
 * equal parts. Where in its part a piece lies is drawn from a fixed seed; at equal distances all would fall on the same
 * row of an attention head.
 */
final class RowSample implements Chunk.Source {

    /** Elements of a piece, at least, unless the bound is lower: less is not worth a read. */
    private static final long PIECE = 4 * 1024;

    private final List<Chunk> all;
    private final Iterator<Chunk> chunks;

    /**
     * @param elements most elements of a tensor, roughly: always whole rows, and at least one
     * @throws IllegalArgumentException if that is below 1
     */
    RowSample(List<TensorInfo> tensors, long elements) {
        if (elements < 1) {
            throw new IllegalArgumentException("a sample of " + elements + " elements of each tensor");
        }
        List<Chunk> taken = new ArrayList<>();
        for (int i = 0; i < tensors.size(); i++) {
            if (tensors.get(i).shape().elementCount() <= elements) {
                takeAll(i, tensors.get(i), taken);
            } else {
                takePieces(i, tensors.get(i), elements, taken);
            }
        }
        this.all = List.copyOf(taken);
        this.chunks = all.iterator();
    }

    /** All of them, whether they were handed out or not. */
    List<Chunk> all() {
        return all;
    }

    private static void takeAll(int number, TensorInfo tensor, List<Chunk> taken) {
        Chunks all = new Chunks(List.of(tensor));
        for (Chunk chunk = all.next(); chunk != null; chunk = all.next()) {
            taken.add(new Chunk(taken.size(), number, tensor, chunk.firstRow(), chunk.rowCount()));
        }
    }

    private static void takePieces(int number, TensorInfo tensor, long elements, List<Chunk> taken) {
        long rowLength = tensor.shape().rowLength();
        long rows = tensor.shape().rowCount();
        long pieceRows = Math.clamp(Math.min(PIECE, elements) / rowLength, 1, Chunks.rowsAt(tensor, 0));
        long pieces = Math.clamp(elements / (pieceRows * rowLength), 1, rows / pieceRows);
        SplittableRandom random = new SplittableRandom(number);
        for (long piece = 0; piece < pieces; piece++) {
            long from = part(piece, pieces, rows);
            long to = part(piece + 1, pieces, rows);
            long row = random.nextLong(from, to - pieceRows + 1);
            taken.add(new Chunk(taken.size(), number, tensor, row, Math.min(pieceRows, Chunks.rowsAt(tensor, row))));
        }
    }

    /** First row of one of several parts of equal size. */
    private static long part(long index, long parts, long rows) {
        return index * (rows / parts) + index * (rows % parts) / parts;
    }

    @Override
    public synchronized @Nullable Chunk next() {
        return chunks.hasNext() ? chunks.next() : null;
    }
}
