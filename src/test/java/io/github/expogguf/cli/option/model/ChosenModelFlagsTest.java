package io.github.expogguf.cli.option.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.output.FaultyFiles;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ChosenModelFlagsTest {

    @TempDir
    private Path directory;

    private ChosenModelFlags flags(String... more) {
        ChosenModelFlags flags = new ChosenModelFlags();
        List<String> words = new ArrayList<>(List.of(more));
        words.addAll(List.of("--write", directory.resolve("best.gguf").toString()));
        new CommandLine(flags).parseArgs(words.toArray(String[]::new));
        return flags;
    }

    @Test
    void modelThatThereIsNoRoomForIsRefusedBeforeItIsChosen() throws IOException {
        PlanOptions tried = PlanOptions.defaults().withAlpha(0);
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            long bytes = pair.outputBytes(pair.plan(tried.withAlpha(1)), OutputOptions.defaults());

            assertThatThrownBy(() -> flags().check(pair, tried, FaultyFiles.withRoom(bytes - 1)))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("best.gguf: no room: %,d bytes are needed on ".formatted(bytes));
            flags().check(pair, tried, FaultyFiles.withRoom(bytes));
            flags("--resume").check(pair, tried, FaultyFiles.withRoom(0)); // less may be missing
        }
    }
}
