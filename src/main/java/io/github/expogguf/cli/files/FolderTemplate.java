package io.github.expogguf.cli.files;

import io.github.expogguf.ExpoException;
import io.github.expogguf.plan.options.TemplateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The chat template of a model's folder, which a converter puts into the GGUF; GGUF files of 2023 have none. */
public final class FolderTemplate {

    /** In the order in which transformers looks for one. */
    private static final List<String> NAMES =
            List.of("chat_template.jinja", "chat_template.json", "tokenizer_config.json");

    private FolderTemplate() {}

    /**
     * The file with the template.
     *
     * @param model a folder, or a file in it
     */
    public static Optional<Path> find(Path model) {
        Path folder = Files.isDirectory(model) ? model : model.resolveSibling("");
        return NAMES.stream()
                .map(folder::resolve)
                .filter(FolderTemplate::isTemplate)
                .findFirst();
    }

    private static boolean isTemplate(Path file) {
        try {
            return Files.isRegularFile(file) && !TemplateFile.read(file).isBlank();
        } catch (IOException | ExpoException _) {
            return false;
        }
    }
}
