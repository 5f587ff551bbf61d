package example;

import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.WrittenRecipe;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Extrapolates a pair as a recipe in JSON says. Arguments: SFT, ALIGNED, RECIPE, and a directory for the outputs. */
public final class FollowRecipe {

    private FollowRecipe() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path sft = Path.of(arguments[0]);
        Path aligned = Path.of(arguments[1]);
        Path file = Path.of(arguments[2]);
        Path directory = Path.of(arguments[3]);

        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            WrittenRecipe recipe = WrittenRecipe.readJson(file);
            for (PlanOptions options : recipe.outputs()) {
                Path output = directory.resolve("alpha-" + options.alpha() + ".gguf");
                pair.write(options, output, OutputOptions.defaults());
                System.out.println(output.getFileName());
            }
        }
    }
}
