package example;

import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.RepeatedRecipe;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Extrapolates a pair as an existing output was. Arguments: SFT, ALIGNED, MODEL, OUTPUT and, if need be, IMATRIX. */
public final class RepeatRecipe {

    private RepeatRecipe() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path sft = Path.of(arguments[0]);
        Path aligned = Path.of(arguments[1]);
        Path model = Path.of(arguments[2]);
        Path output = Path.of(arguments[3]);

        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            RepeatedRecipe recipe = RepeatedRecipe.read(model);
            PlanOptions options = arguments.length > 4 ? recipe.options(Path.of(arguments[4])) : recipe.options();
            pair.write(options, output, OutputOptions.defaults());
            System.out.println("alpha " + options.alpha() + " again");
        }
    }
}
