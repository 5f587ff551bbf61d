package io.github.expogguf.cli.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.Planner;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RunEstimateTest {

    private static final Offset<Double> ROUNDING = within(1e-12);
    private static final long GIGA = 1_000_000_000;

    private static Plan plan(PlanOptions.Builder options) {
        ModelFiles model =
                ModelFiles.of(TinyModels.llama(Sizes.of(12, 256, 256, 4, 2)).header("model.gguf"));
        return Planner.plan(model, model, options.build());
    }

    private static Plan toQ8() {
        return plan(PlanOptions.builder().alpha(1).fileType(FileType.Q8_0));
    }

    private static long weights(Plan plan, Predicate<TensorTask> which) {
        return plan.tasks().stream()
                .filter(which)
                .mapToLong(task -> task.aligned().shape().elementCount())
                .sum();
    }

    private static Costs costs(double bytes, double extrapolate, Costs.Type f32, Costs.Type q8) {
        return new Costs(
                "some",
                2,
                bytes,
                2 * bytes,
                3 * bytes,
                4 * bytes,
                extrapolate,
                Map.of(GgmlType.F32, f32, GgmlType.Q8_0, q8));
    }

    private static final Costs.Type FREE = new Costs.Type(0, 0, 0, 0);

    private static RunEstimate estimate(Costs costs, Plan... plans) {
        return RunEstimate.of(costs, List.of(plans), 5 * GIGA, 2 * GIGA).orElseThrow();
    }

    @Test
    void bytesAreReadDigestedWrittenAndReadBack() {
        Plan plan = toQ8();
        RunEstimate estimate = estimate(costs(1, 0, FREE, FREE), plan);

        assertThat(estimate.readerSeconds()).isEqualTo(5 * (1 + 2), ROUNDING);
        assertThat(estimate.workerSeconds()).isEqualTo(3 * plan.tensorBytes() / 1e9, ROUNDING);
        assertThat(estimate.verifySeconds()).isEqualTo(2 * 4, ROUNDING);
        assertThat(estimate.diskBytes()).isEqualTo(7 * GIGA);
        assertThat(estimate.processorSeconds()).isEqualTo(2 + 15 + 3 * plan.tensorBytes() / 1e9 + 8, ROUNDING);
    }

    @Test
    void weightsOfBothModelsAreDequantizedAndOfTheOutputToMeasureIt() {
        Plan plan = toQ8();
        long toQ8 = weights(plan, task -> task.targetType() == GgmlType.Q8_0);
        long toF32 = weights(plan, task -> task.targetType() == GgmlType.F32);
        Costs.Type f32 = new Costs.Type(1, 10, 0, 0);
        Costs.Type q8 = new Costs.Type(100, 1000, 0, 0);

        assertThat(toQ8).isPositive();
        assertThat(toF32).isPositive();
        assertThat(estimate(costs(0, 7, f32, q8), plan).workerSeconds())
                .isEqualTo((toQ8 * (2 + 7 + 100 + 1000) + toF32 * (2 + 7 + 1 + 10)) / 1e9, ROUNDING);
    }

    @Test
    void severalOutputsReadTheModelsOnce() {
        Plan plan = toQ8();
        Costs costs = costs(0, 0, new Costs.Type(1, 0, 0, 0), new Costs.Type(0, 1, 0, 0));
        double input = 2 * weights(plan, _ -> true) / 1e9;

        double one = estimate(costs, plan).workerSeconds();
        double two = estimate(costs, plan, plan).workerSeconds();

        assertThat(two - one).isEqualTo(one - input, ROUNDING);
    }

    @Test
    void copiesCostTheirBytes() {
        Plan plan = plan(PlanOptions.builder().alpha(0));
        Costs.Type dear = new Costs.Type(1e9, 1e9, 1e9, 1e9);

        assertThat(estimate(costs(1, 1e9, dear, dear), plan).workerSeconds())
                .isEqualTo(3 * plan.tensorBytes() / 1e9, ROUNDING);
    }

    @Test
    void nothingIsSaidOfWhatIsNotKnown() {
        Costs costs = costs(1, 1, FREE, FREE);

        assertThat(RunEstimate.of(
                        costs, List.of(plan(PlanOptions.builder().alpha(1).rank(4))), 1, 1))
                .isEmpty();
        assertThat(RunEstimate.of(
                        costs, List.of(plan(PlanOptions.builder().alpha(1).fileType(FileType.Q4_K_M))), 1, 1))
                .isEmpty();
    }

    @Test
    void timeIsThatOfWhatIsWaitedFor() {
        RunEstimate estimate = new RunEstimate(1, 80, 20, 15, 4, 8, 1000);

        assertThat(estimate.seconds(2, 2)).as("two cores do all").isEqualTo(1 + 104 / 2.0 + 8 / 2.0, ROUNDING);
        assertThat(estimate.seconds(8, 8)).as("one thread digests a model").isEqualTo(1 + 15 + 8 / 8.0, ROUNDING);
        assertThat(estimate.seconds(1, 8)).as("one worker computes").isEqualTo(1 + 80 + 8, ROUNDING);
        assertThat(estimate.seconds(8, 2)).as("no more than the cores").isEqualTo(estimate.seconds(2, 2), ROUNDING);
        assertThat(estimate.diskRate(2, 2)).isEqualTo(1000 / 52.0, ROUNDING);
        assertThat(estimate.seconds(2, 2, 10, 5, 400))
                .as("a slow disk")
                .isEqualTo(1 + (600 / 10.0 + 400 / 5.0) + 8 / 2.0, ROUNDING);
        assertThat(estimate.seconds(2, 2, 1e9, 1e9, 400)).as("a fast disk").isEqualTo(estimate.seconds(2, 2), ROUNDING);
    }

    @Test
    void costsOfAllTypesAreKnown() {
        Costs costs = Costs.known();

        assertThat(costs.processor()).isNotEmpty();
        assertThat(costs.types().keySet())
                .containsAll(Stream.of(GgmlType.values())
                        .filter(WeightTypes::isSupported)
                        .toList());
        assertThat(Stream.of(
                        costs.startSeconds(),
                        costs.read(),
                        costs.digest(),
                        costs.write(),
                        costs.verify(),
                        costs.extrapolate()))
                .allMatch(cost -> cost > 0);
    }

    @Test
    void linesOfTypesAreReadAgain() {
        Costs.Type type = new Costs.Type(0.5, 6.25, 8, 1.5);

        assertThat(Costs.parse(List.of("processor An X 5", "start 1", type.line(GgmlType.Q4_K))))
                .isEqualTo(new Costs("An X 5", 1, 0, 0, 0, 0, 0, Map.of(GgmlType.Q4_K, type)));
    }
}
