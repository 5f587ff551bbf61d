package io.github.expogguf.quant.grid;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("native")
@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class WideGridTest {

    /** ggml writes a sub-block of IQ3_S where the one of zeros before it would have been; nobody needs to copy that. */
    @ParameterizedTest
    @CsvSource({"IQ3_S, 0, true", "IQ3_S, 31, true", "IQ3_S, 32, false", "IQ3_S, 255, false", "IQ3_XXS, 32, true"})
    void leavesSubBlocksBehindOneOfZerosToGgml(GgmlType type, int index, boolean isDone) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(JAVA_FLOAT, 256);
            floats.setAtIndex(JAVA_FLOAT, index, 1);
            MemorySegment packed = arena.allocate(type.blockBytes());
            assertThat(new WideGrid(type, false).quantize(floats, 0, 1, NULL, packed, 0))
                    .isEqualTo(isDone);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S"})
    void listsNeighboursByDistanceThenByNumber(GgmlType type) {
        GridPoints grid = GridPoints.of(type);
        int listed = 0;
        for (int point = 0; point < 1 << (grid.dimension * grid.bits); point++) {
            if (!isPossible(grid, point) || grid.isInCodebook(point)) {
                continue;
            }
            int first = grid.first(point);
            int last = 0;
            for (int i = first + 1; i <= first + grid.neighbours()[first]; i++) {
                int neighbour = grid.neighbours()[i];
                int place = distance(grid, point, neighbour) << 16 | grid.number(neighbour);
                assertThat(place).as("%s, neighbour of %d", type, point).isGreaterThan(last);
                last = place;
                listed++;
            }
        }
        assertThat(listed).isGreaterThan(10_000);
    }

    private static boolean isPossible(GridPoints grid, int point) {
        for (int i = 0; i < grid.dimension; i++) {
            if (grid.level(point, i) >= grid.levels) {
                return false;
            }
        }
        return true;
    }

    private static int distance(GridPoints grid, int point, int other) {
        int sum = 0;
        for (int i = 0; i < grid.dimension; i++) {
            int difference = grid.level(point, i) - grid.level(other, i);
            sum += difference * difference;
        }
        return sum;
    }
}
