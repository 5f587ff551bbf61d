package io.github.expogguf.infer.decode;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.nativelib.MachineMemory;
import io.github.expogguf.testing.DemoFiles;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ContextMemoryTest {

    private static final long STEP_TOKENS = 512; // llama_context_default_params, llama-context.cpp v0.5.0

    /** So many that one context fits into this machine, and two do not. */
    private static long tokens(Metadata metadata) {
        long mask = STEP_TOKENS * Float.BYTES;
        long low = 0;
        long high = MachineMemory.totalBytes() / mask + 1;
        while (high - low > 1) { // the most that fit
            long middle = (low + high) / 2;
            try {
                ContextMemory.require("one", metadata, 0, middle, STEP_TOKENS);
                low = middle;
            } catch (InferenceException _) {
                high = middle;
            }
        }
        return low * 3 / 4;
    }

    @Test
    void contextsThatAnswerTogetherNeedRoomTogether() throws Exception {
        try (LogitPair pair = LogitPair.open(DemoFiles.SFT, DemoFiles.ALIGNED, 1, LoadOptions.defaults())) {
            Metadata metadata = pair.model().metadata();
            long tokens = tokens(metadata);
            assertThatCode(() -> ContextMemory.require("one", metadata, 0, tokens, STEP_TOKENS))
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> ContextMemory.require("one", List.of(metadata, metadata), 0, tokens, STEP_TOKENS))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageMatching("one: 2 contexts of [0-9,]+ tokens each take together [0-9,.]+ GiB of memory,"
                            + " this machine or container has [0-9,.]+");
            ContextOptions options = ContextOptions.defaults().withContextTokens(Math.toIntExact(tokens));
            assertThatThrownBy(() -> LlamaContext.open(pair.model(), options))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageStartingWith("guide-dpo-20-f16.gguf, guide-sft-f16.gguf: 2 contexts of ");
        }
    }
}
