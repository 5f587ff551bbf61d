package example;

import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.Ingredients.Checkpoint;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Predicts the model at step 30 of a training run. Arguments: its checkpoints of steps 0, 10 and 20, and OUT. */
public final class PredictStep {

    private PredictStep() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path output = Path.of(arguments[3]);
        List<Checkpoint<Path>> checkpoints = List.of(
                new Checkpoint<>(0, Path.of(arguments[0])),
                new Checkpoint<>(10, Path.of(arguments[1])),
                new Checkpoint<>(20, Path.of(arguments[2])));

        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(checkpoints))) {
            PlanOptions options =
                    PlanOptions.builder().toStep(30).fileType("Q8_0").build();
            ExpoReport report = models.write(options, output, OutputOptions.defaults());
            double share = TrajectoryFit.share(report.fits().values());
            System.out.printf(Locale.ROOT, "%.0f %% in one direction%n", 100 * share);
        }
    }
}
