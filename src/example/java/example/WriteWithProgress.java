package example;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Plans an output, then writes it, with progress and a way to stop. Arguments: SFT, ALIGNED, OUTPUT. */
public final class WriteWithProgress {

    private WriteWithProgress() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path sft = Path.of(arguments[0]);
        Path aligned = Path.of(arguments[1]);
        Path output = Path.of(arguments[2]);
        Cancellation cancellation = new Cancellation();

        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            PlanOptions options =
                    PlanOptions.builder().alpha(0.3f).fileType(FileType.Q8_0).build();
            OutputOptions how = OutputOptions.defaults()
                    .withForce(true)
                    .withThreads(2)
                    .withCancellation(cancellation) // cancel() may be called from any thread
                    .withListener(progress -> System.out.println(progress.stage() + " " + progress.done()));
            Plan plan = pair.plan(options);
            System.out.println(pair.outputBytes(plan, how) + " bytes, at " + plan.bitsPerWeight() + " bits per weight");
            pair.write(options, output, how);
        } catch (CancelledException stopped) {
            System.out.println("cancelled, nothing is left behind");
        }
    }
}
