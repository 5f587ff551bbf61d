package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.load.ModelGuard;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How the models that a command asks are loaded, and their chat templates, each tried on all that will be said before
 * its weights are read.
 *
 * @param conversations without any, no template is needed
 */
public record PromptFormat(
        BaseCommand command, LoadOptions load, ChatTemplateFlags flags, List<List<ChatMessage>> conversations) {

    /** Whether anything is said. */
    public boolean isUsed() {
        return !conversations.isEmpty();
    }

    /** The template of a model; empty if none is needed. Refuses what is no model. */
    Optional<ChatTemplate> of(String model, Metadata metadata) throws IOException {
        ModelGuard.requireModel(model, metadata);
        return isUsed()
                ? Optional.of(command.checked(() -> flags.of(model, metadata, conversations)))
                : Optional.empty();
    }

    /** A model that uses its template. */
    public LlamaModel load(Path file, WorkOptions how) throws IOException {
        Optional<ChatTemplate> template;
        try (GgufModel opened = GgufModel.open(file)) {
            template = of(opened.header().name(), opened.header().metadata());
        }
        LlamaModel model = LlamaModel.load(file, load, how.listener(), how.cancellation());
        template.ifPresent(model::setChatTemplate);
        return model;
    }
}
