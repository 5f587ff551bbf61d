package io.github.expogguf.cli.option.model;

import io.github.expogguf.ExpoException;
import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.convert.peft.PeftAdapter;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.safetensors.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The template of models that are folders of Hugging Face. */
public final class LikeFlag {

    @Option(
            names = "--like",
            paramLabel = "FILE",
            order = 2,
            description =
                    "Where the (aligned) model is a Hugging Face folder: any GGUF of the same model (of the"
                            + " SFT model where an adapter stands for the aligned one), a Q4_K_M download will do. Metadata, tokenizer and layout come from it, all weights from the folders.")
    private @Nullable Path like;

    /** The models with their template; a wrong option, if that is missing, or too much. */
    public Ingredients<Path> in(BaseCommand command, Ingredients<Path> models) {
        if (like == null && isReadable(models.aligned())) {
            boolean isSft = models.sft().filter(models.aligned()::equals).isPresent();
            throw command.usage(models.aligned()
                    + " is in safetensors, which say nothing of a GGUF's tokenizer and layout: add --like MODEL.gguf,"
                    + " any GGUF of " + (isSft ? "the SFT model, to which the adapter is added" : "the same model")
                    + "; a Q4_K_M download will do");
        }
        if (like != null && isGguf(models.aligned())) {
            throw command.usage("--like is for an aligned model in safetensors: " + models.aligned()
                    + " is a GGUF, and by this the template of all folders");
        }
        return like == null ? models : models.withTemplate(like);
    }

    /** What is neither, or not there, is refused when it is opened. */
    private static boolean isGguf(Path model) {
        if (Checkpoint.isNamed(model)) {
            return false;
        }
        try (GgufModel _ = GgufModel.open(model)) {
            return true;
        } catch (IOException | ExpoException unreadable) {
            return false;
        }
    }

    /** What is wrong with it otherwise is said when it is opened. */
    private static boolean isReadable(Path model) {
        if (!Checkpoint.isNamed(model) || PeftAdapter.isAdapter(model)) {
            return false;
        }
        try (Checkpoint _ = Checkpoint.open(model)) {
            return true;
        } catch (IOException | ExpoException unreadable) {
            return false;
        }
    }
}
