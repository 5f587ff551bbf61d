package io.github.expogguf.convert.peft;

import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.convert.gather.Part;
import io.github.expogguf.convert.gather.ValueFunction;
import io.github.expogguf.convert.gather.View;
import io.github.expogguf.convert.peft.PeftFactors.Half;
import io.github.expogguf.gguf.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The factors of a tensor of a GGUF, made of those of the modules that its rule makes the tensor of: a rule that takes
 * rows takes those of one factor, one that takes columns those of the other. Where a matrix is of several modules, as
 * one of queries, keys and values, their ranks follow each other, and the rows of each are zero for the others' ranks.
 *
 * @param left    {@code [stack, rows, rank]}, by modules
 * @param right   {@code [stack, rank, columns]}, or {@code [columns, rank]} where that is wanted
 * @param rows    of the left one, of all the stack
 * @param rank    of both, in all
 * @param sources the modules' weights, those without factors included
 */
record PeftProduct(List<Rows> left, Gathering right, long rows, long rank, List<String> sources) {

    /**
     * Some rows of the left factor that are one module's.
     *
     * @param source name of its weight
     * @param values {@code [count, ranks]}
     * @param first  row, of all that the stack has
     * @param column of the first of its ranks
     */
    record Rows(String source, Part values, long first, long count, long column, long ranks) {}

    private record Axis(long size, long stride, boolean isRow) {}

    /** Some rows of the product; nothing where their module has no factors. */
    private record Block(String source, long rows, long ranks, Optional<Part> left, Optional<Part> right) {}

    /** Whether each row has values for all ranks. */
    boolean isWhole() {
        return left.stream().allMatch(some -> some.ranks == rank)
                && left.stream().mapToLong(Rows::count).sum() == rows;
    }

    /** All of the left factor, where it is whole. */
    Gathering wholeLeft() {
        return new Gathering(left.stream().map(Rows::values).toList());
    }

    /**
     * Empty where no factors make the tensor.
     *
     * @param gathering  of the tensor, from the modules' weights
     * @param isRankLast whether {@code right} has the rank innermost
     * @param factors    by the names of the weights
     */
    static Optional<PeftProduct> of(
            Gathering gathering, Shape shape, boolean isRankLast, Map<String, PeftFactors> factors) {
        List<Block> blocks = new ArrayList<>();
        List<String> sources = new ArrayList<>();
        for (Part part : gathering.parts()) {
            sources.add(part.source());
            PeftFactors module = factors.get(part.source());
            boolean isMade = module == null
                    ? addNothing(part, shape, blocks)
                    : addBlocks(part, module, shape, isRankLast, blocks);
            if (!isMade) {
                return Optional.empty();
            }
        }
        return assemble(blocks, shape.dimension(1), isRankLast, sources);
    }

    private static Optional<PeftProduct> assemble(
            List<Block> blocks, long rows, boolean isRankLast, List<String> sources) {
        List<Rows> left = new ArrayList<>();
        List<Part> right = new ArrayList<>();
        long rank = 0;
        long first = 0;
        for (List<Block> matrix : matrices(blocks, rows)) {
            Map<Part, Long> columns = new LinkedHashMap<>(); // by the factors at the right
            long ranks = 0;
            for (Block block : matrix) {
                if (block.right.isPresent()) {
                    long column = columns.getOrDefault(block.right.get(), ranks);
                    ranks += columns.put(block.right.get(), column) == null ? block.ranks : 0;
                    left.add(new Rows(block.source, block.left.orElseThrow(), first, block.rows, column, block.ranks));
                }
                first += block.rows;
            }
            right.addAll(columns.keySet());
            rank = rank == 0 ? ranks : rank;
            long filled = matrix.stream().mapToLong(Block::rows).sum();
            if (filled != rows || ranks == 0 || ranks != rank || (isRankLast && columns.size() > 1)) {
                return Optional.empty();
            }
        }
        return Optional.of(new PeftProduct(List.copyOf(left), new Gathering(right), first, rank, sources));
    }

    /** The blocks of each matrix; more rows than it has are in it where a block reaches into the next one. */
    private static List<List<Block>> matrices(List<Block> blocks, long rows) {
        List<List<Block>> matrices = new ArrayList<>();
        long filled = 0;
        for (Block block : blocks) {
            if (filled % rows == 0) {
                matrices.add(new ArrayList<>());
            }
            matrices.getLast().add(block);
            filled += block.rows;
        }
        return matrices;
    }

    private static boolean addNothing(Part part, Shape shape, List<Block> blocks) {
        long elements = part.view().elementCount();
        blocks.add(new Block(part.source(), elements / shape.rowLength(), 0, Optional.empty(), Optional.empty()));
        return elements % shape.rowLength() == 0;
    }

    private static boolean addBlocks(
            Part part, PeftFactors factors, Shape shape, boolean isRankLast, List<Block> blocks) {
        if (part.functions().stream().anyMatch(function -> function.kind() != ValueFunction.Kind.TIMES)) {
            return false;
        }
        Optional<Deque<Axis>> found = axes(part.view(), factors.shape());
        long rowLength = shape.rowLength();
        if (found.isEmpty() || part.view().elementCount() % rowLength != 0) {
            return false;
        }
        Deque<Axis> axes = found.get();
        long rows = Math.min(shape.dimension(1), part.view().elementCount() / rowLength);
        Optional<List<Axis>> inner = take(axes, rowLength);
        Optional<List<Axis>> outer = inner.isEmpty() ? inner : take(axes, rows);
        if (outer.isEmpty()) {
            return false;
        }
        boolean isTurned = inner.get().stream().anyMatch(Axis::isRow)
                || outer.get().stream().anyMatch(axis -> !axis.isRow);
        if (isTurned
                && (inner.get().stream().anyMatch(axis -> !axis.isRow)
                        || outer.get().stream().anyMatch(Axis::isRow))) {
            return false;
        }
        Half left = isTurned ? factors.ofColumns() : factors.ofRows();
        Half right = isTurned ? factors.ofRows() : factors.ofColumns();
        long width = factors.shape()[1];
        for (long[] start : starts(
                List.copyOf(axes), part.view().offset() / width, part.view().offset() % width)) {
            View leftView = view(left, start[isTurned ? 1 : 0], outer.get(), factors.rank(), true);
            View rightView = view(right, start[isTurned ? 0 : 1], inner.get(), factors.rank(), isRankLast);
            blocks.add(new Block(
                    part.source(),
                    rows,
                    factors.rank(),
                    Optional.of(new Part(left.source(), leftView, part.functions())),
                    Optional.of(new Part(right.source(), rightView, List.of()))));
        }
        return true;
    }

    /** The axes, each along the weight's rows or its columns; empty if one is along both. */
    private static Optional<Deque<Axis>> axes(View view, long[] shape) {
        Deque<Axis> axes = new ArrayDeque<>();
        long width = shape[1];
        long lastColumn = view.offset() % width;
        for (int i = 0; i < view.sizes().size(); i++) {
            long size = view.sizes().get(i);
            long stride = view.strides().get(i);
            if (size == 1) {
                continue;
            }
            boolean isRow = stride % width == 0;
            axes.add(new Axis(size, isRow ? stride / width : stride, isRow));
            lastColumn += isRow ? 0 : (size - 1) * stride;
        }
        return lastColumn < width ? Optional.of(axes) : Optional.empty();
    }

    /** Takes as many elements from the innermost axes. */
    private static Optional<List<Axis>> take(Deque<Axis> axes, long count) {
        List<Axis> taken = new ArrayList<>();
        long left = count;
        while (left > 1) {
            Axis axis = axes.pollLast();
            if (axis == null) {
                return Optional.empty();
            }
            if (left % axis.size == 0) {
                taken.addFirst(axis);
                left /= axis.size;
            } else if (axis.size % left == 0) {
                axes.addLast(new Axis(axis.size / left, axis.stride * left, axis.isRow));
                taken.addFirst(new Axis(left, axis.stride, axis.isRow));
                left = 1;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(taken);
    }

    /** Row and column at which each matrix of the stack begins. */
    private static List<long[]> starts(List<Axis> stack, long row, long column) {
        List<long[]> starts = List.of(new long[] {row, column});
        for (Axis axis : stack) {
            List<long[]> more = new ArrayList<>();
            for (long[] start : starts) {
                for (long i = 0; i < axis.size; i++) {
                    more.add(new long[] {
                        start[0] + (axis.isRow ? i * axis.stride : 0), start[1] + (axis.isRow ? 0 : i * axis.stride)
                    });
                }
            }
            starts = more;
        }
        return starts;
    }

    private static View view(Half half, long start, List<Axis> axes, long rank, boolean isRankLast) {
        List<Long> sizes = new ArrayList<>();
        List<Long> strides = new ArrayList<>();
        for (Axis axis : axes) {
            sizes.add(axis.size);
            strides.add(axis.stride * half.unit());
        }
        int at = isRankLast ? sizes.size() : 0;
        sizes.add(at, rank);
        strides.add(at, half.step());
        return new View(start * half.unit(), sizes, strides);
    }
}
