package io.github.expogguf.infer.token;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ByteFallbackTest {

    private static ByteFallback of(String tokenizer, List<String> tokens) {
        return ByteFallback.of(new Metadata(Map.of(
                "tokenizer.ggml.model", MetadataValue.ofString(tokenizer),
                "tokenizer.ggml.tokens", MetadataValue.ofStrings(tokens))));
    }

    @Test
    void refusesACharacterWithoutTokens() {
        ByteFallback fallback = of("llama", List.of("\u2581", "a", "\u00e9", "<0x62>"));
        assertThatNoException().isThrownBy(() -> fallback.require("a b\u00e9"));
        assertThatThrownBy(() -> fallback.require("ac"))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("neither a token for 'c' nor for its byte 0x63");
    }

    @Test
    void needsATokenForSpace() {
        assertThatThrownBy(() -> of("llama", List.of("a")).require("a")).hasMessageContaining("0xE2");
    }

    @Test
    void acceptsEverythingWhereEveryByteHasAToken() {
        List<String> tokens = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            tokens.add("<0x%02X>".formatted(value));
        }
        assertThatNoException().isThrownBy(() -> of("llama", tokens).require("\u4e16 \ud83d\ude00\0"));
    }

    @Test
    void leavesOtherTokenizersAlone() {
        assertThatNoException().isThrownBy(() -> of("gpt2", List.of("a")).require("xyz"));
    }
}
