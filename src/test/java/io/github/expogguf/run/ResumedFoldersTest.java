package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What decides values of a folder and is no weight: an interrupted run does not go on with another one. */
class ResumedFoldersTest {

    private static final Path FOLDERS = Path.of("src", "test", "resources", "folders");

    @TempDir
    private Path directory;

    private Path output;

    @BeforeEach
    void copyFolders() throws IOException {
        output = directory.resolve("out.gguf");
        copy(FOLDERS.resolve("llama"), directory.resolve("llama"));
        copy(FOLDERS.resolve("adapters/llama_plain"), directory.resolve("lora"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private void requireNoOther(Ingredients<Path> models, Path config, String name) throws IOException {
        PlanOptions options = PlanOptions.builder().alpha(0.5f).build();
        OutputOptions resume = OutputOptions.defaults().withResume(true);
        Cancellation cancellation = new Cancellation();
        try (Extrapolator opened = Extrapolator.open(models)) {
            assertThatThrownBy(() -> opened.write(
                            options,
                            output,
                            resume.withCancellation(cancellation).withListener(progress -> {
                                if (progress.stage() == Progress.Stage.EXTRAPOLATE
                                        && progress.done() > progress.total() / 2) {
                                    cancellation.cancel();
                                }
                            })))
                    .isInstanceOf(CancelledException.class);
        }
        String before = Files.readString(config);
        Files.writeString(config, before + " ");
        try (Extrapolator opened = Extrapolator.open(models)) {
            assertThatThrownBy(() -> opened.write(options, output, resume))
                    .isInstanceOf(UnfinishedOutputException.class)
                    .hasMessageContaining(name);
        }
        assertThat(output).doesNotExist();
    }

    @Test
    void ofAnotherConfig() throws IOException {
        Path pair = directory.resolve("llama");
        requireNoOther(
                Ingredients.pair(pair.resolve("sft"), pair.resolve("aligned")).withTemplate(pair.resolve("like.gguf")),
                pair.resolve("sft/config.json"),
                "'config.json'");
    }

    @Test
    void ofAnotherConfigOfAnAdapter() throws IOException {
        Path pair = directory.resolve("llama");
        Path adapter = directory.resolve("lora");
        requireNoOther(
                Ingredients.adapted(pair.resolve("sft"), List.of(new Ingredients.Adapter<>(adapter, 1)))
                        .withTemplate(pair.resolve("like.gguf")),
                adapter.resolve("adapter_config.json"),
                "'adapter_config.json'");
    }
}
