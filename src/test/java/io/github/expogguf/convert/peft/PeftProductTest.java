package io.github.expogguf.convert.peft;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.convert.gather.Part;
import io.github.expogguf.convert.gather.ValueFunction;
import io.github.expogguf.convert.gather.View;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.safetensors.SafetensorsType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rearranged product is the product of the rearranged factors. */
class PeftProductTest {

    private static final long RANK = 3;

    private static PeftFactors factors(String module, long outputs, long inputs, boolean isTransposed) {
        return new PeftFactors(
                module, tensor(module + ".A", RANK, inputs), tensor(module + ".B", outputs, RANK), isTransposed);
    }

    private static SafetensorsTensor tensor(String name, long rows, long columns) {
        return new SafetensorsTensor(name, SafetensorsType.F32, List.of(rows, columns), 0, 4 * rows * columns, 0);
    }

    /** A value for each element of a tensor, whole numbers so that sums are exact. */
    private static double value(String tensor, long index) {
        return (tensor.hashCode() % 11 + index * 7 + index * index) % 13 - 6;
    }

    private static List<Long> indices(View view) {
        List<Long> indices = List.of(view.offset());
        for (int axis = 0; axis < view.sizes().size(); axis++) {
            List<Long> more = new ArrayList<>();
            for (long start : indices) {
                for (long i = 0; i < view.sizes().get(axis); i++) {
                    more.add(start + i * view.strides().get(axis));
                }
            }
            indices = more;
        }
        return indices;
    }

    private static double[] values(Gathering gathering) {
        List<Double> values = new ArrayList<>();
        for (Part part : gathering.parts()) {
            for (long index : indices(part.view())) {
                values.add((double) part.apply((float) value(part.source(), index)));
            }
        }
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The weight of a module, element by element. */
    private static double weight(PeftFactors factors, long index) {
        long width = factors.shape()[1];
        long output = factors.isTransposed() ? index % width : index / width;
        long input = factors.isTransposed() ? index / width : index % width;
        double sum = 0;
        for (long k = 0; k < RANK; k++) {
            sum += value(factors.b().name(), output * RANK + k)
                    * value(factors.a().name(), k * factors.a().shape().get(1) + input);
        }
        return sum;
    }

    private static void requireEqual(Shape shape, PeftFactors[] modules, Part... parts) {
        requireEqual(shape, true, modules, parts);
        requireEqual(shape, false, modules, parts);
    }

    private static void requireEqual(Shape shape, boolean isRankLast, PeftFactors[] modules, Part... parts) {
        Map<String, PeftFactors> byName = byName(modules);
        PeftProduct product = PeftProduct.of(new Gathering(List.of(parts)), shape, isRankLast, byName)
                .orElseThrow();
        int columns = (int) shape.rowLength();
        int rows = (int) shape.dimension(1);
        int rank = (int) product.rank();
        double[] left = left(product);
        double[] right = values(product.right());
        int at = 0;
        for (Part part : parts) {
            for (long index : indices(part.view())) {
                int matrix = at / (rows * columns);
                int row = at / columns; // of all matrices
                int column = at % columns;
                double sum = 0;
                for (int k = 0; k < rank; k++) {
                    int inMatrix = isRankLast ? column * rank + k : k * columns + column;
                    sum += left[row * rank + k] * right[matrix * rank * columns + inMatrix];
                }
                PeftFactors module = byName.get(part.source());
                double expected = module == null ? 0 : weight(module, index);
                for (ValueFunction function : part.functions()) {
                    expected *= function.number();
                }
                assertThat(sum).as("element %s", at).isEqualTo(expected);
                at++;
            }
        }
        assertThat(left).hasSize(at / columns * rank);
    }

    private static double[] left(PeftProduct product) {
        double[] left = new double[(int) (product.rows() * product.rank())];
        for (PeftProduct.Rows rows : product.left()) {
            double[] values = values(new Gathering(List.of(rows.values())));
            assertThat(values).hasSize((int) (rows.count() * rows.ranks()));
            for (int i = 0; i < values.length; i++) {
                long row = rows.first() + i / rows.ranks();
                left[(int) (row * product.rank() + rows.column() + i % rows.ranks())] = values[i];
            }
        }
        if (product.isWhole()) {
            assertThat(values(product.wholeLeft())).containsExactly(left);
        }
        return left;
    }

    private static Map<String, PeftFactors> byName(PeftFactors... modules) {
        return Stream.of(modules).collect(Collectors.toMap(PeftFactors::module, module -> module));
    }

    private static Part part(String source, View view, ValueFunction... functions) {
        return new Part(source, view, List.of(functions));
    }

    private static ValueFunction times(float number) {
        return new ValueFunction(ValueFunction.Kind.TIMES, number);
    }

    @Test
    void rowsOfHeads() {
        View view = View.of(8, 6).split(0, List.of(2L, 2L, 2L)).swap(1, 2);

        requireEqual(new Shape(6, 8), new PeftFactors[] {factors("q", 8, 6, false)}, part("q", view));
    }

    @Test
    void columnsOfHeads() {
        View view = View.of(4, 12).split(1, List.of(2L, 3L, 2L)).swap(1, 2);

        requireEqual(new Shape(12, 4), new PeftFactors[] {factors("o", 4, 12, false)}, part("o", view));
    }

    @Test
    void someRowsAndSomeColumns() {
        PeftFactors[] module = {factors("w", 8, 6, false)};
        requireEqual(new Shape(6, 4), module, part("w", View.of(8, 6).take(0, 4, 8, 1)));
        requireEqual(new Shape(3, 8), module, part("w", View.of(8, 6).take(1, 1, 6, 2)));
    }

    @Test
    void turnedWeights() {
        requireEqual(
                new Shape(6, 8),
                new PeftFactors[] {factors("w", 8, 6, true)},
                part("w", View.of(6, 8).swap(0, 1)));
        requireEqual(new Shape(8, 6), new PeftFactors[] {factors("w", 8, 6, true)}, part("w", View.of(6, 8)));
    }

    /** As the compressed keys and values of DeepSeek. */
    @Test
    void stacksOfHeads() {
        PeftFactors[] module = {factors("kv", 10, 4, false)};
        View heads = View.of(10, 4).split(0, List.of(2L, 5L));
        requireEqual(
                new Shape(3, 4, 2), module, part("kv", heads.take(1, 0, 3, 1).swap(1, 2)));
        requireEqual(new Shape(4, 2, 2), module, part("kv", heads.take(1, 3, 5, 1)));
    }

    @Test
    void partsOfOneModuleWithMultiples() {
        requireEqual(
                new Shape(6, 8),
                new PeftFactors[] {factors("in", 8, 6, false)},
                part("in", View.of(8, 6).take(0, 0, 3, 1), times(0.5f)),
                part("in", View.of(8, 6).take(0, 3, 8, 1), times(2), times(4)));
    }

    @Test
    void stacksOfModules() {
        requireEqual(
                new Shape(6, 8, 2),
                new PeftFactors[] {factors("e0", 8, 6, false), factors("e1", 8, 6, false)},
                part("e0", View.of(8, 6)),
                part("e1", View.of(8, 6)));
    }

    /** Queries, keys and values in one. */
    @Test
    void modulesBelowEachOther() {
        PeftFactors q = factors("q", 8, 6, false);
        PeftFactors k = factors("k", 4, 6, false);
        PeftFactors v = factors("v", 4, 6, false);
        Part[] parts = {
            part("q", View.of(8, 6).split(0, List.of(2L, 2L, 2L)).swap(1, 2)),
            part("k", View.of(4, 6)),
            part("v", View.of(4, 6), times(2))
        };

        requireEqual(new Shape(6, 16), false, new PeftFactors[] {q, k, v}, parts);
        requireEqual(new Shape(6, 16), false, new PeftFactors[] {q, v}, parts);
        requireEqual(new Shape(6, 16), false, new PeftFactors[] {q, k}, parts);
        requireEqual(new Shape(6, 16), new PeftFactors[] {k}, parts);
    }

    /** Gate and up of each expert in one. */
    @Test
    void stacksOfModulesBelowEachOther() {
        PeftFactors[] modules = {
            factors("gate0", 4, 6, false),
            factors("up0", 4, 6, false),
            factors("gate1", 4, 6, false),
            factors("up1", 4, 6, false)
        };
        requireEqual(
                new Shape(6, 8, 2),
                false,
                modules,
                part("gate0", View.of(4, 6)),
                part("up0", View.of(4, 6)),
                part("gate1", View.of(4, 6)),
                part("up1", View.of(4, 6)));
    }

    @Test
    void whatNoFactorsMakeIsEmpty() {
        PeftFactors q = factors("q", 4, 6, false);
        PeftFactors k = factors("k", 4, 6, false);
        Gathering below = new Gathering(List.of(part("q", View.of(4, 6)), part("k", View.of(4, 6))));
        assertThat(PeftProduct.of(below, new Shape(6, 8), true, byName(q, k))).isEmpty();
        assertThat(PeftProduct.of(below, new Shape(6, 16), false, byName(q, k))).isEmpty();
        assertThat(PeftProduct.of(below, new Shape(6, 3), false, byName(q, k))).isEmpty();
        assertThat(PeftProduct.of(below, new Shape(6, 4, 2), false, byName(q))).isEmpty();

        Gathering oneMore =
                new Gathering(List.of(part("q", View.of(4, 6), new ValueFunction(ValueFunction.Kind.PLUS, 1))));
        assertThat(PeftProduct.of(oneMore, new Shape(6, 4), false, byName(q))).isEmpty();

        Optional<PeftProduct> acrossRows =
                PeftProduct.of(new Gathering(List.of(part("q", View.of(24)))), new Shape(6, 4), false, byName(q));
        assertThat(acrossRows).isEmpty();
    }
}
