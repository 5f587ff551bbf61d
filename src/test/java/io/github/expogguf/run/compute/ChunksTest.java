package io.github.expogguf.run.compute;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunksTest {

    private static TensorInfo tensor(String name, long... dimensions) {
        return new TensorInfo(name, GgmlType.F16, new Shape(dimensions), 0);
    }

    private static List<Chunk> all(List<TensorInfo> tensors) {
        List<Chunk> all = new ArrayList<>();
        Chunks chunks = new Chunks(tensors);
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            all.add(chunk);
        }
        return all;
    }

    @Test
    void coversEveryRowOnceInOrder() {
        List<TensorInfo> tensors =
                List.of(tensor("a", 4096, 100), tensor("b", 32), tensor("c", 64, 7, 3), tensor("d", 1 << 20, 3));
        int index = 0;
        for (int tensor = 0; tensor < tensors.size(); tensor++) {
            long row = 0;
            int number = tensor;
            for (Chunk chunk :
                    all(tensors).stream().filter(c -> c.tensor() == number).toList()) {
                assertThat(chunk.index()).isEqualTo(index++);
                assertThat(chunk.firstRow()).isEqualTo(row);
                row += chunk.rowCount();
            }
            assertThat(row).isEqualTo(tensors.get(tensor).shape().rowCount());
        }
        assertThat(Chunks.count(tensors)).isEqualTo(index);
    }

    @Test
    void neverCrossesFromOneMatrixIntoTheNext() {
        for (Chunk chunk : all(List.of(tensor("experts", 4096, 25, 6)))) {
            long last = chunk.firstRow() + chunk.rowCount() - 1;
            assertThat(last / 25).isEqualTo(chunk.matrix());
        }
    }

    @Test
    void staysBelowTheLimitUnlessOneRowIsAbove() {
        List<TensorInfo> tensors = List.of(tensor("a", 4096, 100), tensor("wide", 1 << 20, 2));
        assertThat(all(tensors))
                .allMatch(chunk -> chunk.elementCount() <= Chunks.MAX_ELEMENTS || chunk.rowCount() == 1);
    }
}
