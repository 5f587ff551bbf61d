package io.github.expogguf.run.compute;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.Planner;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ChunkLoopTest {

    /** What is copied from an earlier output, or kept of one, needs no codec. */
    @Test
    void onlyWhatIsComputedIsAnnounced() {
        ModelFiles model =
                ModelFiles.of(TinyModels.llama(Sizes.of(1, 256, 256, 4, 2)).header("model.gguf"));
        Plan plan = Planner.plan(
                model, PlanOptions.builder().fileType(FileType.Q4_K_M).build());
        ChunkLoop.Sink sink = new ChunkLoop.Sink() {
            @Override
            public void accept(int output, Chunk chunk, MemorySegment bytes) {}

            @Override
            public boolean wants(int output, Chunk chunk) {
                return output == 1 && chunk.tensor() == 3;
            }
        };
        assertThat(ChunkLoop.wanted(model.header().tensors(), 0, plan.tasks(), sink))
                .isEmpty();
        assertThat(ChunkLoop.wanted(model.header().tensors(), 1, plan.tasks(), sink))
                .containsExactly(plan.tasks().get(3));
    }
}
