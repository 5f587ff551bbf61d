package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.TensorTask;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunksTest {

    private static TensorTask task(String name, long... dimensions) {
        return new TensorTask.Convert(
                new TensorInfo(name, GgmlType.F16, new Shape(dimensions), 0), GgmlType.Q8_0, false);
    }

    private static List<Chunk> all(List<TensorTask> tasks) {
        List<Chunk> all = new ArrayList<>();
        Chunks chunks = new Chunks(tasks);
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            all.add(chunk);
        }
        return all;
    }

    @Test
    void coversEveryRowOnceInOrder() {
        List<TensorTask> tasks = List.of(task("a", 4096, 100), task("b", 32), task("c", 64, 7, 3), task("d", 1 << 20, 3));
        int index = 0;
        for (int tensor = 0; tensor < tasks.size(); tensor++) {
            long row = 0;
            int number = tensor;
            for (Chunk chunk : all(tasks).stream().filter(c -> c.tensor() == number).toList()) {
                assertThat(chunk.index()).isEqualTo(index++);
                assertThat(chunk.firstRow()).isEqualTo(row);
                row += chunk.rowCount();
            }
            assertThat(row).isEqualTo(tasks.get(tensor).aligned().shape().rowCount());
        }
        assertThat(Chunks.count(tasks)).isEqualTo(index);
    }

    @Test
    void neverCrossesFromOneMatrixIntoTheNext() {
        for (Chunk chunk : all(List.of(task("experts", 4096, 25, 6)))) {
            long last = chunk.firstRow() + chunk.rowCount() - 1;
            assertThat(last / 25).isEqualTo(chunk.matrix());
        }
    }

    @Test
    void staysBelowTheLimitUnlessOneRowIsAbove() {
        List<TensorTask> tasks = List.of(task("a", 4096, 100), task("wide", 1 << 20, 2));
        assertThat(all(tasks))
                .allMatch(chunk -> chunk.elementCount() <= Chunks.MAX_ELEMENTS || chunk.rowCount() == 1);
        assertThat(Chunks.largest(tasks)).isEqualTo(1 << 20);
    }
}
