package io.github.expogguf.cli.option.recipe;

import io.github.expogguf.card.OutputName;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.SizeTarget;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Numbers;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Every alpha with every type: the outputs of one pass, and what each is called. */
public final class Recipes {

    private static final String ALPHA = "{alpha}";
    private static final String TYPE = "{type}";
    private static final String GGUF = ".gguf";

    private Recipes() {}

    /**
     * The outputs.
     *
     * @param pattern {@code --output}; {@code {alpha}} and {@code {type}} in it are replaced; in a directory the name
     *                is made after the GGUF naming convention
     * @throws IllegalArgumentException if two outputs would have one name
     */
    public static List<Extrapolator.Output> outputs(String pattern, List<Plan> plans) {
        List<Extrapolator.Output> outputs = new ArrayList<>();
        Set<Path> names = new HashSet<>();
        for (Plan plan : plans) {
            Path path = path(pattern, plan);
            if (!names.add(path)) {
                throw new IllegalArgumentException("two outputs would be called " + path
                        + "; put {alpha} or {type} into --output, as in out-{alpha}-{type}.gguf");
            }
            outputs.add(new Extrapolator.Output(plan.options(), path));
        }
        return outputs;
    }

    /**
     * Refuses several outputs of one name before anything is measured, as far as the options tell.
     *
     * @throws IllegalArgumentException if two outputs would have one name
     */
    public static void requireNames(String pattern, List<PlanOptions> recipes) {
        List<String> types = recipes.stream().map(Recipes::type).distinct().toList();
        boolean isOfTypes = types.size() > 1 && !pattern.contains(TYPE);
        boolean isOfAlphas = recipes.size() > types.size() && !pattern.contains(ALPHA);
        if (isDirectory(pattern, Path.of(pattern)) || !(isOfTypes || isOfAlphas)) {
            return;
        }
        String needed = (isOfAlphas ? "-" + ALPHA : "") + (isOfTypes ? "-" + TYPE : "");
        throw new IllegalArgumentException("there would be " + recipes.size() + " outputs, "
                + (isOfTypes ? "of " + Names.list(types) : "one for each alpha")
                + (recipes.stream().anyMatch(recipe -> recipe.sizeTarget().isPresent()) && isOfTypes
                        ? " (each of --type, --target-size and --target-bpw gives its own)"
                        : "")
                + ", and --output names one: ask for one, or write -o " + with(needed, pattern));
    }

    private static String with(String needed, String pattern) {
        return pattern.endsWith(GGUF)
                ? pattern.substring(0, pattern.length() - GGUF.length()) + needed + GGUF
                : pattern + needed;
    }

    private static Path path(String pattern, Plan plan) {
        Path path = Path.of(name(pattern, plan.options()));
        return isDirectory(pattern, path) ? path.resolve(OutputName.of(plan)) : path;
    }

    private static boolean isDirectory(String pattern, Path path) {
        return pattern.endsWith("/") || pattern.endsWith(File.separator) || Files.isDirectory(path);
    }

    private static String name(String pattern, PlanOptions options) {
        return pattern.replace(ALPHA, Numbers.brief(options.alpha())).replace(TYPE, type(options));
    }

    private static String type(PlanOptions options) {
        return options.sizeTarget()
                .map(SizeTarget::label)
                .or(() -> options.fileType().map(Enum::name))
                .orElse(TypeChoice.COPY);
    }
}
