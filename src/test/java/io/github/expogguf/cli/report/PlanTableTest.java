package io.github.expogguf.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.Planner;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTableTest {

    private static Plan plan(Sizes sizes, PlanOptions options) {
        ModelFiles model = ModelFiles.of(TinyModels.llama(sizes).header("model.gguf"));
        return Planner.plan(model, model, options);
    }

    private static List<String> lines(Plan plan) {
        List<String> lines = new PlanTable(plan, 80).toString().lines().toList();
        assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        return lines;
    }

    @Test
    void whatIsNotExtrapolatedSaysWhyBelowWhereTheTableIsTooWide() {
        PlanOptions rank = PlanOptions.builder().alpha(2).rank(4).build();

        assertThat(lines(plan(Sizes.of(1, 256, 256, 4, 2), rank)))
                .anyMatch(line ->
                        line.matches("blk\\.0\\.attn_q\\.weight +256x256 +F32 +extrapolate rank 4 +F32 +262,144"))
                .anyMatch(line -> line.matches("blk\\.0\\.attn_norm\\.weight +256 +F32 +copy \\(1\\) +F32 +1,024"))
                .last()
                .isEqualTo("(1) copy: a vector, and the rank is of matrices");
    }

    @Test
    void everythingStandsBelowWhereNumbersAreLarge() {
        PlanOptions rank = PlanOptions.builder()
                .alpha(2)
                .rank(4)
                .alphaRules(List.of(TensorAlphaRule.parse("attn_q=*0.5")))
                .fileType(FileType.Q8_0)
                .build();

        assertThat(lines(plan(Sizes.of(12, 8192, 28672, 64, 8), rank)))
                .anyMatch(line ->
                        line.matches("blk\\.11\\.attn_q\\.weight +8192x8192 +F32 +extrapolate \\(3\\) +Q8_0 .*"))
                .endsWith(
                        "(1) extrapolate 2 rank 4",
                        "(2) copy: a vector, and the rank is of matrices",
                        "(3) extrapolate 1 rank 4");
    }

    @Test
    void narrowTableHasEverythingInItself() {
        assertThat(lines(plan(
                        Sizes.of(1, 256, 256, 4, 2),
                        PlanOptions.builder().alpha(0).build())))
                .anyMatch(line -> line.endsWith(" copy: alpha is 0  F32     262,144"));
    }
}
