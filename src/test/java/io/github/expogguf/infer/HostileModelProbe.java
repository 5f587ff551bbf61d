package io.github.expogguf.infer;

import io.github.expogguf.ExpoException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.infer.HostileModels.Hostile;
import io.github.expogguf.infer.load.ModelGuard;
import io.github.expogguf.infer.load.TensorGuard;
import io.github.expogguf.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Main class: writes and loads, one after the other, the hostile models that the guards let pass, and generates with
 * those that load; says which it works on, so that somebody can go on behind it where the process dies.
 */
final class HostileModelProbe {

    private HostileModelProbe() {}

    /** Arguments: base, directory, first, step. */
    public static void main(String[] arguments) throws IOException {
        List<Hostile> all = all(arguments[0]);
        Path file = Path.of(arguments[1], "hostile.gguf");
        int loaded = 0;
        int refused = 0;
        int guarded = 0;
        for (int i = Integer.parseInt(arguments[2]); i < all.size(); i += Integer.parseInt(arguments[3])) {
            System.out.println("@" + i + " " + all.get(i).name().replace('\n', ' '));
            System.out.flush();
            TinyModel model = all.get(i).model();
            if (!passesGuards(model)) {
                guarded++;
                continue;
            }
            model.writeSparse(file);
            if (use(file)) {
                loaded++;
            } else {
                refused++;
            }
        }
        System.out.println("end " + loaded + " loaded, " + refused + " refused, " + guarded + " never written");
    }

    /** What the guards refuse stays in memory: it is no file for anybody. */
    private static boolean passesGuards(TinyModel model) {
        try {
            ModelGuard.check("model", model.metadata());
            TensorGuard.check("model", model.tensors());
            return true;
        } catch (InferenceException refused) {
            return false;
        }
    }

    static List<Hostile> all(String base) {
        List<Hostile> all = new ArrayList<>();
        var model = HostileModels.bases().get(base);
        all.addAll(HostileModels.metadata(base, model));
        all.addAll(HostileModels.tensors(base, model));
        all.addAll(HostileModels.architectures(base, model));
        return all;
    }

    /** Whether the model loads; what loads has to work, or to say why not. */
    private static boolean use(Path file) throws IOException {
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults())) {
            model.description();
            int[] tokens = model.tokenize("Hello, you", true, true);
            model.detokenizeMarkup(tokens);
            ContextOptions small =
                    ContextOptions.defaults().withContextTokens(32).withThreads(1);
            try (LlamaContext context = LlamaContext.open(model, small)) {
                context.generate("Hello", GenerationOptions.greedy(2));
            }
            return true;
        } catch (ExpoException | IllegalArgumentException | IllegalStateException refused) {
            System.out.println("  " + refused.getClass().getSimpleName() + " "
                    + String.valueOf(refused.getMessage()).replace('\n', ' '));
            return false;
        }
    }
}
