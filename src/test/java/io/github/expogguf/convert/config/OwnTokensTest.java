package io.github.expogguf.convert.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.convert.ConvertedModel;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.safetensors.AddedTokens;
import io.github.expogguf.testing.FolderFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnTokensTest {

    @TempDir
    private Path directory;

    private static Metadata template(String kind) {
        return new Metadata(Map.of(
                "general.architecture", MetadataValue.ofString("llama"),
                "tokenizer.ggml.model", MetadataValue.ofString(kind),
                "tokenizer.ggml.tokens",
                        MetadataValue.ofStrings(List.of("<s>", "<0x0A>", "a", "  ", "<|im_start|>", "[PAD5]")),
                "tokenizer.ggml.token_type", MetadataValue.ofInt32s(3, 6, 1, 4, 3, 5)));
    }

    private static Optional<OwnTokens> of(int rows, Map<Long, String> added) {
        return OwnTokens.of(added, rows, template("llama"), 6);
    }

    @Test
    void theSameTokensAreTheTemplates() {
        assertThat(of(6, Map.of(0L, "<s>", 3L, "\u2581\u2581", 4L, "<|im_start|>")))
                .isEmpty();
    }

    @Test
    void fewerRowsHaveFewerTokens() {
        OwnTokens tokens = of(4, Map.of(0L, "<s>", 3L, "  ")).orElseThrow();

        assertThat(tokens.texts()).containsExactly("<s>", "<0x0A>", "a", "  ");
        assertThat(tokens.types()).containsExactly(3, 6, 1, 4);
        assertThat(tokens.common()).containsExactly(0, 1, 2, 3);
    }

    /** One token has another text, one that the template adds is none, and two are more. */
    @Test
    void whatNeitherHasIsAPlaceholder() {
        OwnTokens tokens =
                of(8, Map.of(0L, "<s>", 3L, "<sep>", 6L, "<|im_start|>")).orElseThrow();

        assertThat(tokens.texts())
                .containsExactly("<s>", "<0x0A>", "a", "<sep>", "[PAD4]", "[PAD5]", "<|im_start|>", "[PAD7]");
        assertThat(tokens.types()).containsExactly(3, 6, 1, 3, 5, 5, 3, 5);
        assertThat(tokens.common()).containsExactly(0, 1, 2, 5);
    }

    @Test
    void otherTextsInAsManyRowsAreOtherTokens() {
        assertThat(of(6, Map.of(0L, "<s>", 3L, "<sep>", 4L, "<|im_start|>"))).isPresent();
    }

    @Test
    void ofNoTokenInCommonNothingIsKnown() {
        assertThat(of(1, Map.of(0L, "<sep>"))).isEmpty();
    }

    /** WordPiece is rewritten by a converter. */
    @Test
    void ofOtherTokenizersNothingIsKnown() {
        assertThat(OwnTokens.of(Map.of(), 4, template("bert"), 6)).isEmpty();
        assertThat(OwnTokens.of(
                        Map.of(), 4, new Metadata(Map.of("general.architecture", MetadataValue.ofString("llama"))), 6))
                .isEmpty();
    }

    /** As the converter writes the tokens of this checkpoint. */
    @Test
    void theTokensOfAFolderAreThoseOfItsConversion() throws IOException {
        FolderFixture fixture = FolderFixture.of("tokens");
        try (GgufModel template = GgufModel.open(fixture.template());
                ConvertedModel sft = ConvertedModel.open(fixture.sft(), template, false)) {
            Metadata metadata = sft.header().metadata();
            List<String> texts =
                    metadata.get("tokenizer.ggml.tokens").orElseThrow().asStrings();
            assertThat(texts).hasSize(44).endsWith("in", "<|im_end|>", "<|only_sft|>");
            assertThat(texts.subList(0, 42))
                    .isEqualTo(template.header()
                            .metadata()
                            .get("tokenizer.ggml.tokens")
                            .orElseThrow()
                            .asStrings()
                            .subList(0, 42));
            assertThat(metadata.integer("llama.vocab_size")).hasValue(44);
            assertThat(metadata.asMap()).doesNotContainKey("tokenizer.ggml.eos_token_id");
        }
    }

    @Test
    void withoutATokenizerNobodyKnowsWhoseTheRowsAre() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("sft"));
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(FolderFixture.of("tokens").sft().resolve(name), folder.resolve(name));
        }
        try (GgufModel template = GgufModel.open(FolderFixture.of("tokens").template())) {
            assertThatThrownBy(() -> ConvertedModel.open(folder, template, false))
                    .isInstanceOf(ModelMismatchException.class)
                    .hasMessageContaining("and there is 'model.embed_tokens.weight' of type BF16 and shape [44, 32];"
                            + " vocab_size of config.json is 44, and like.gguf has 48 tokens; which tokens the rows are of,"
                            + " tokenizer.json would say, which is not there");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"added_tokens\":7} | no list added_tokens",
                "{\"model\":{\"vocab\":{\"a\":[1]}}} | no list added_tokens",
                "{\"added_tokens\":[{\"id\":-1,\"content\":\"a\"}]} | element 0 is no token with an id and a content",
                "{\"added_tokens\":[{\"id\":1}]} | element 0 is no token with an id and a content",
                "{\"added_tokens\":[null]} | element 0 is no token with an id and a content",
                "{\"model\":{\"vocab\":{\"a\":1} | not JSON: ",
                "[] | not JSON: "
            })
    void damagedTokenizersAreRefused(String text, String words) throws IOException {
        Path file = Files.writeString(directory.resolve("tokenizer.json"), text);

        assertThatThrownBy(() -> AddedTokens.read(file))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessageStartingWith("tokenizer.json: ")
                .hasMessageContaining(words);
    }

    @Test
    void addedTokensAreFoundAmongOthers() throws IOException {
        Path file = Files.writeString(
                directory.resolve("tokenizer.json"),
                "{\"version\":\"1.0\",\"padding\":{\"a\":[\"]}\\\"\",{}]},\"x\":-1.5e3 ,\"added_tokens\":"
                        + "[{\"id\":2,\"content\":\"<s>\",\"special\":true}],\"model\":{\"merges\":[[\"a\",\"b\"]]}}");

        assertThat(AddedTokens.read(file)).isEqualTo(Map.of(2L, "<s>"));
    }
}
