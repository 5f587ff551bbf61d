package io.github.expogguf.run.input;

import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.Chunks;
import io.github.expogguf.run.compute.TensorWork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which tensors of a model the workers need in the order in which they stand in its files, and which chunk is the last
 * that needs a block. Tensors out of that order (another model's order decides, or a vocabulary's) are read apart.
 */
final class ReadOrder {

    /** No chunk needs the block. */
    static final int NEVER = -1;

    private final @Nullable TensorInfo[] inOrder; // by task
    private final int[] lastChunks; // by block
    private long apartBytes;

    /**
     * @param number  of the model among the inputs of the plan
     * @param outputs the tasks of each output, one for every tensor of the aligned model
     * @param most    bytes of a chunk that are in memory at once; larger ones are read apart
     */
    ReadOrder(FileBlocks blocks, int number, List<List<TensorTask>> outputs, long most) {
        List<TensorInfo> tensors =
                outputs.getFirst().stream().map(TensorTask::aligned).toList();
        inOrder = new TensorInfo[tensors.size()];
        lastChunks = new int[blocks.count()];
        Arrays.fill(lastChunks, NEVER);
        for (Read read : longestInOrder(reads(blocks, number, outputs, most))) {
            inOrder[read.task] = read.tensor;
            apartBytes -= read.tensor.byteCount();
        }
        Chunks chunks = new Chunks(tensors);
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            TensorInfo tensor = inOrder[chunk.tensor()];
            if (tensor != null) {
                long first = blocks.position(tensor, chunk.offset(tensor.type()));
                long end = first + chunk.bytes(tensor.type());
                Arrays.fill(lastChunks, FileBlocks.at(first), FileBlocks.at(end - 1) + 1, chunk.index());
            }
        }
    }

    /** A tensor that a task reads row by row. */
    private record Read(int task, TensorInfo tensor, long position) {}

    private List<Read> reads(FileBlocks blocks, int number, List<List<TensorTask>> outputs, long most) {
        List<Read> reads = new ArrayList<>();
        for (int task = 0; task < outputs.getFirst().size(); task++) {
            Set<TensorInfo> rows = new HashSet<>();
            Set<TensorInfo> all = new HashSet<>();
            for (List<TensorTask> tasks : outputs) {
                for (Operand operand : TensorWork.operands(tasks.get(task))) {
                    if (operand.model() == number) {
                        all.addAll(operand.tensors());
                        if (operand instanceof Operand.Rows || operand instanceof Operand.Adapted) {
                            rows.add(operand.tensor());
                        }
                    }
                }
            }
            apartBytes += all.stream().mapToLong(TensorInfo::byteCount).sum();
            if (all.size() == 1 && rows.size() == 1) {
                TensorInfo tensor = rows.iterator().next();
                if (blocks.has(tensor) && Chunks.rowsAt(tensor, 0) * tensor.rowBytes() <= most) {
                    reads.add(new Read(task, tensor, blocks.position(tensor, 0)));
                }
            }
        }
        return reads;
    }

    /** Reads with more bytes than others, of which each stands behind the one before it. */
    private record Sequence(Read last, @Nullable Sequence before, long bytes) {}

    /** The most bytes that can be read in this order without going back. */
    private static List<Read> longestInOrder(List<Read> reads) {
        TreeMap<Long, Sequence> best = new TreeMap<>(); // by position of the last one; bytes grow with it
        for (Read read : reads) {
            Map.Entry<Long, Sequence> before = best.lowerEntry(read.position);
            Sequence longest = before == null ? null : before.getValue();
            long bytes = read.tensor.byteCount() + (longest == null ? 0 : longest.bytes);
            Map.Entry<Long, Sequence> other = best.floorEntry(read.position);
            if (other != null && other.getValue().bytes >= bytes) {
                continue;
            }
            best.put(read.position, new Sequence(read, longest, bytes));
            for (Map.Entry<Long, Sequence> next = best.higherEntry(read.position);
                    next != null && next.getValue().bytes <= bytes;
                    next = best.higherEntry(read.position)) {
                best.remove(next.getKey());
            }
        }
        List<Read> inOrder = new ArrayList<>();
        for (Sequence at = best.isEmpty() ? null : best.lastEntry().getValue(); at != null; at = at.before) {
            inOrder.addFirst(at.last);
        }
        return inOrder;
    }

    /** Whether the rows of a chunk in a tensor come in order. */
    boolean has(Chunk chunk, TensorInfo tensor) {
        return tensor.equals(inOrder[chunk.tensor()]);
    }

    /** The last chunk that needs a block, or {@link #NEVER}. */
    int lastChunk(int block) {
        return lastChunks[block];
    }

    /** Bytes of tensors that are read apart, and by this a second time. */
    long apartBytes() {
        return apartBytes;
    }
}
