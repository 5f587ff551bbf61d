package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.testing.DemoFiles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How texts and threads meet, for the demo's model of two million weights. */
class TextSharesTest {

    private static List<String> shares(int texts, ComputeOptions how) throws Exception {
        List<String> shares = Collections.synchronizedList(new ArrayList<>());
        try (LlamaModel model =
                LlamaModel.load(DemoFiles.DIRECTORY.resolve("guide-sft-f16.gguf"), LoadOptions.defaults())) {
            assertThat(model.usefulThreads()).isEqualTo(1);
            TextShares.run(
                    model,
                    texts,
                    how,
                    (from, to, part) -> shares.add(from + " to " + to + ": " + part.threads() + " thread, "
                            + part.sequences() + " at a time"));
        }
        return shares.stream().sorted().toList();
    }

    @Test
    void aSmallModelComputesOnOneThreadAContext() throws Exception {
        ComputeOptions how = ComputeOptions.builder().threads(3).sequences(6).build();

        assertThat(shares(1, how)).containsExactly("0 to 1: 1 thread, 6 at a time");
        assertThat(shares(5, how.withSequences(1))).containsExactly("0 to 5: 1 thread, 1 at a time");
        assertThat(shares(5, how))
                .containsExactly(
                        "0 to 1: 1 thread, 2 at a time",
                        "1 to 3: 1 thread, 2 at a time",
                        "3 to 5: 1 thread, 2 at a time");
    }
}
