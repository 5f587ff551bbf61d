package io.github.expogguf.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.expogguf.testing.TrustFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything that fuzzing found, and what it begins with, on every run of the tests. */
@Tag("trust")
class FuzzReplayTest {

    @ParameterizedTest
    @EnumSource
    void keepsItsPromisesOnSeedsAndPastFindings(FuzzTarget target) throws IOException {
        List<Path> inputs = target.inputs();
        assertThat(inputs).isNotEmpty();
        for (Path input : inputs) {
            byte[] data = Files.readAllBytes(input);
            assertThatCode(() -> target.run(data)).as(input.toString()).doesNotThrowAnyException();
        }
        TrustFigures.print("inputs of fuzz target " + target.label() + " replayed", Integer.toString(inputs.size()));
    }
}
