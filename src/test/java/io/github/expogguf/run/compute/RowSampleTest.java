package io.github.expogguf.run.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowSampleTest {

    private static List<Chunk> sample(long elements, long... dimensions) {
        TensorInfo tensor = new TensorInfo("x", GgmlType.F32, new Shape(dimensions), 0);
        RowSample sample = new RowSample(List.of(tensor), elements);
        List<Chunk> chunks = new ArrayList<>();
        for (Chunk chunk = sample.next(); chunk != null; chunk = sample.next()) {
            chunks.add(chunk);
        }
        return chunks;
    }

    @ParameterizedTest
    @CsvSource({
        "4096, 4096, 1, 32768",
        "14336, 4096, 1, 32768",
        "4, 100000, 1, 32768",
        "3, 7, 5, 20",
        "100000, 3, 1, 10",
        "2048, 768, 64, 32768",
        "1, 1000000, 1, 5000",
        "8, 3, 1000, 6000",
        "200000, 2, 2, 250000",
    })
    void takesRowsOfEachPartWithinTheBoundAndOneMatrix(long rowLength, long rows, long matrices, long elements) {
        List<Chunk> chunks = sample(elements, rowLength, rows, matrices);
        long end = 0;
        long taken = 0;
        for (int i = 0; i < chunks.size(); i++) {
            Chunk chunk = chunks.get(i);
            assertThat(chunk.index()).isEqualTo(i);
            assertThat(chunk.rowCount()).isPositive();
            assertThat(chunk.firstRow()).isGreaterThanOrEqualTo(end);
            end = chunk.firstRow() + chunk.rowCount();
            taken += chunk.elementCount();
            assertThat((end - 1) / rows).isEqualTo(chunk.matrix());
        }
        assertThat(end).isLessThanOrEqualTo(rows * matrices);
        assertThat(taken).isBetween(1L, Math.max(elements, rowLength));
        long part = rows * matrices / chunks.size();
        assertThat(chunks.getFirst().firstRow()).isLessThanOrEqualTo(part);
        assertThat(end).isGreaterThan(rows * matrices - 2 * part);
    }

    @Test
    void takesSmallTensorsWhole() {
        assertThat(sample(1000, 10, 100))
                .containsExactly(new Chunk(0, 0, new TensorInfo("x", GgmlType.F32, new Shape(10, 100), 0), 0, 100));
    }

    @Test
    void takesOtherPlacesOfHeadsInEachPart() {
        assertThat(sample(32 * 1024, 4096, 4096).stream()
                        .map(chunk -> chunk.firstRow() % 128)
                        .distinct()
                        .count())
                .isGreaterThan(4);
    }

    @Test
    void refusesASampleOfNothing() {
        assertThatThrownBy(() -> sample(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
