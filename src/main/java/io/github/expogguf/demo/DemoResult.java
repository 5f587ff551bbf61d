package io.github.expogguf.demo;

import io.github.expogguf.gguf.FileType;
import java.util.List;

/**
 * What the demonstration measured.
 *
 * @param prompts      the questions
 * @param models       for each file type the SFT model and then the extrapolated ones, alpha ascending
 * @param elapsedNanos wall time
 */
public record DemoResult(List<DemoPrompt> prompts, List<DemoModel> models, long elapsedNanos) {

    /** Copies the lists. */
    public DemoResult {
        prompts = List.copyOf(prompts);
        models = List.copyOf(models);
    }

    /** The file types, in the order of the models. */
    public List<FileType> fileTypes() {
        return models.stream().map(DemoModel::fileType).distinct().toList();
    }

    /** The models of a file type: SFT, then alpha ascending. */
    public List<DemoModel> models(FileType fileType) {
        return models.stream().filter(model -> model.fileType() == fileType).toList();
    }
}
