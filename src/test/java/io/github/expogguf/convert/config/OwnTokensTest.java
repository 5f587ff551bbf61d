package io.github.expogguf.convert.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.convert.ConvertedModel;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.safetensors.CheckpointTokens;
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

    private static final Map<Long, String> VOCABULARY = Map.of(1L, "<0x0A>", 2L, "a");

    private static Optional<OwnTokens> of(int rows, Map<Long, String> added) {
        return of(rows, VOCABULARY, added);
    }

    private static Optional<OwnTokens> of(int rows, Map<Long, String> vocabulary, Map<Long, String> added) {
        return OwnTokens.of(new CheckpointTokens(vocabulary, added), rows, template("llama"), 6);
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
        assertThat(tokens.counterparts()).containsExactly(0, 1, 2, 3);
    }

    /** One token has another text, one that the template adds is none, and two are more. */
    @Test
    void whatNeitherHasIsAPlaceholder() {
        OwnTokens tokens =
                of(8, Map.of(0L, "<s>", 3L, "<sep>", 6L, "<|im_start|>")).orElseThrow();

        assertThat(tokens.texts())
                .containsExactly("<s>", "<0x0A>", "a", "<sep>", "[PAD4]", "[PAD5]", "<|im_start|>", "[PAD7]");
        assertThat(tokens.types()).containsExactly(3, 6, 1, 3, 5, 5, 3, 5);
        assertThat(tokens.common()).containsExactly(0, 1, 2, 5, 6);
        assertThat(tokens.counterparts()).containsExactly(0, 1, 2, 5, 4);
    }

    /** Bytes stay bytes, spaces are written as in the template, and what is special in one alone is the same token. */
    @Test
    void ordinaryTokensAreFoundByTheirText() {
        OwnTokens tokens = of(
                        6,
                        Map.of(0L, "a", 1L, "<|im_start|>", 2L, "\u2581\u2581", 3L, "<0x0A>", 4L, "b"),
                        Map.of(5L, "<s>"))
                .orElseThrow();

        assertThat(tokens.texts()).containsExactly("a", "<|im_start|>", "  ", "<0x0A>", "b", "<s>");
        assertThat(tokens.types()).containsExactly(1, 3, 4, 6, 1, 3);
        assertThat(tokens.common()).containsExactly(0, 1, 2, 3, 5);
        assertThat(tokens.counterparts()).containsExactly(2, 4, 3, 1, 0);
    }

    @Test
    void anotherTextInTheVocabularyIsAnotherToken() {
        OwnTokens tokens = of(6, Map.of(1L, "<0x0A>", 2L, "b"), Map.of(0L, "<s>", 3L, "  ", 4L, "<|im_start|>"))
                .orElseThrow();

        assertThat(tokens.common()).containsExactly(0, 1, 3, 4, 5);
        assertThat(tokens.texts().get(2)).isEqualTo("b");
    }

    @Test
    void otherTextsInAsManyRowsAreOtherTokens() {
        assertThat(of(6, Map.of(0L, "<s>", 3L, "<sep>", 4L, "<|im_start|>"))).isPresent();
    }

    @Test
    void ofNoTokenInCommonNothingIsKnown() {
        assertThat(of(1, Map.of(), Map.of(0L, "<sep>"))).isEmpty();
    }

    /** WordPiece is rewritten by a converter. */
    @Test
    void ofOtherTokenizersNothingIsKnown() {
        CheckpointTokens none = new CheckpointTokens(Map.of(), Map.of());
        assertThat(OwnTokens.of(none, 4, template("bert"), 6)).isEmpty();
        assertThat(OwnTokens.of(
                        none, 4, new Metadata(Map.of("general.architecture", MetadataValue.ofString("llama"))), 6))
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
                "VOCAB\"added_tokens\":7} | no list added_tokens",
                "{\"model\":{\"vocab\":{\"a\":1}}} | no list added_tokens",
                "VOCAB\"added_tokens\":[{\"id\":-1,\"content\":\"a\"}]} | element 0 is no token with an id and a content",
                "VOCAB\"added_tokens\":[{\"id\":1}]} | element 0 is no token with an id and a content",
                "VOCAB\"added_tokens\":[null]} | element 0 is no token with an id and a content",
                "{\"added_tokens\":[]} | no vocabulary (model.vocab)",
                "{\"added_tokens\":[],\"model\":{\"vocab\":7}} | no vocabulary (model.vocab)",
                "{\"added_tokens\":[],\"model\":[]} | no vocabulary (model.vocab)",
                "{\"model\":{\"vocab\":{\"a\":[1]}}} | model.vocab: token 'a' has no number",
                "{\"model\":{\"vocab\":[[\"a\",0],[]]}} | model.vocab: element 1 is no token with a score",
                "{\"model\":{\"vocab\":{\"a\":1} | not JSON: ",
                "[] | not JSON: "
            })
    void damagedTokenizersAreRefused(String text, String words) throws IOException {
        Path file = Files.writeString(
                directory.resolve("tokenizer.json"), text.replace("VOCAB", "{\"model\":{\"vocab\":{}},"));

        assertThatThrownBy(() -> CheckpointTokens.read(file))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(words);
    }

    @Test
    void tokensAreFoundAmongOthers() throws IOException {
        Path file = Files.writeString(
                directory.resolve("tokenizer.json"),
                "{\"version\":\"1.0\",\"padding\":{\"a\":[\"]}\\\"\",{}]},\"x\":-1.5e3 ,\"vocab\":[],\"added_tokens\":"
                        + "[{\"id\":2,\"content\":\"<s>\",\"special\":true}],\"model\":{\"merges\":[[\"a\",\"b\"]],"
                        + "\"vocab\":{\"a\":0,\"b\":1,\"<s>\":2},\"added_tokens\":7}}");

        assertThat(CheckpointTokens.read(file))
                .isEqualTo(new CheckpointTokens(Map.of(0L, "a", 1L, "b", 2L, "<s>"), Map.of(2L, "<s>")));
    }

    /** As Unigram has it. */
    @Test
    void tokensMayStandInAList() throws IOException {
        Path file = Files.writeString(
                directory.resolve("tokenizer.json"),
                "{\"added_tokens\":[],\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"<unk>\",0.0],[\"a\",-1.5]]}}");

        assertThat(CheckpointTokens.read(file).vocabulary()).isEqualTo(Map.of(0L, "<unk>", 1L, "a"));
    }
}
