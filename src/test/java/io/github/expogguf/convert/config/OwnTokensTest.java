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

    private static final Path FILE = Path.of("tokenizer.json");
    private static final Map<Long, String> VOCABULARY = Map.of(1L, "<0x0A>", 2L, "a");

    private static Optional<OwnTokens> of(int rows, Map<Long, String> added) {
        return of(rows, VOCABULARY, added);
    }

    private static Optional<OwnTokens> of(int rows, Map<Long, String> vocabulary, Map<Long, String> added) {
        return OwnTokens.of(new CheckpointTokens(FILE, vocabulary, added), rows, template("llama"), 6);
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
        CheckpointTokens none = new CheckpointTokens(FILE, Map.of(), Map.of());
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
                            + " tokenizer.json would say, which is not there")
                    .hasMessageEndingWith(
                            "rows are matched by their tokens: download tokenizer.json, too, into the same folder");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "VOCAB\"added_tokens\":7} | added_tokens is 7, expected an array of tokens",
                "VOCAB\"added_tokens\":null} | added_tokens is null, expected an array of tokens",
                "VOCAB\"added_tokens\":[{\"id\":-1,\"content\":\"a\"}]} | added_tokens: the number of token 'a' is -1, expected",
                "VOCAB\"added_tokens\":[{\"content\":\"a\"}]} | the number of token 'a' is null or not there, expected a whole",
                "VOCAB\"added_tokens\":[{\"id\":7,\"content\":\"a\"}]} | token 'a' has the number 7, which is that of 'x', too",
                "VOCAB\"added_tokens\":[{\"id\":8,\"content\":\"x\"}]} | token 'x' has the number 8, and 7 before",
                "VOCAB\"added_tokens\":[{\"id\":8,\"content\":\"a\"},{\"id\":8,\"content\":\"b\"}]} | 'b' has the number 8, which is that of 'a'",
                "VOCAB\"added_tokens\":[{\"id\":1,\"id\":2,\"content\":\"a\"}]} | 'id' is there twice",
                "VOCAB\"added_tokens\":[{\"id\":1}]} | element 0 is no token with an id and a content",
                "VOCAB\"added_tokens\":[null]} | element 0 is no token with an id and a content",
                "{\"added_tokens\":[]} | no vocabulary (model.vocab)",
                "{\"added_tokens\":[],\"model\":{\"vocab\":7}} | no vocabulary (model.vocab)",
                "{\"added_tokens\":[],\"model\":[]} | no vocabulary (model.vocab)",
                "{\"model\":{\"vocab\":{\"a\":[1]}}} | model.vocab: the number of token 'a' is an array, expected a whole",
                "{\"model\":{\"vocab\":{\"a\":1.5}}} | is 1.5, expected a whole one from 0 to 4294967295",
                "{\"model\":{\"vocab\":{\"a\":\"39\"}}} | is the text '39', expected a whole one from 0 to 4294967295",
                "{\"model\":{\"vocab\":{\"a\":4294967296}}} | is 4294967296, expected a whole one from 0 to 4294967295",
                "{\"model\":{\"vocab\":{\"a\":1,\"b\":1}}} | model.vocab: token 'b' has the number 1, which is that of 'a', too",
                "{\"model\":{\"vocab\":{\"a\":1,\"a\":2}}} | 'a' is there twice",
                "{\"model\":{\"vocab\":{}}} | model.vocab is empty, expected the tokens of the rows of the embedding",
                "{\"model\":{\"vocab\":[[\"a\",0],[\"a\",0]]}} | token 'a' has the number 1, and 0 before",
                "{\"model\":{\"vocab\":[[\"a\",0],[]]}} | model.vocab: element 1 is no token with a score",
                "{\"model\":{\"vocab\":{\"a\":1} | not JSON: ",
                "[] | not JSON: ",
                "version https://git-lfs.github.com/spec/v1NLsize 5NL | a Git LFS pointer to the file of 5 bytes, not the file",
                "<html>Not found | an HTML page in the place of the file; download it again",
                "Entry not found | not JSON: ",
                "GGUF | a GGUF file, expected JSON; download it again",
                "`` | an empty file; is the download complete?"
            })
    void damagedTokenizersAreRefused(String text, String words) throws IOException {
        Path file = Files.writeString(
                directory.resolve("tokenizer.json"),
                text.replace("VOCAB", "{\"model\":{\"vocab\":{\"x\":7}},").replace("NL", "\n"));

        assertThatThrownBy(() -> CheckpointTokens.read(file))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(words)
                .hasMessageContaining("download"); // the way out
    }

    @Test
    void whatIsNoFileNamesAWayOut() throws IOException {
        Path file = Files.createDirectory(directory.resolve("tokenizer.json"));
        assertThatThrownBy(() -> CheckpointTokens.read(file))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessage(file + ": not a regular file; download it again");
        Path other = Files.write(directory.resolve("other.json"), new byte[] {'"', (byte) 0xff});
        assertThatThrownBy(() -> CheckpointTokens.read(other))
                .hasMessage(other + ": not UTF-8 text; download it again (at byte 1)");
    }

    /** As tokenizers 0.23 does. */
    @Test
    void withoutAListNoTokensAreAdded() throws IOException {
        Path file = Files.writeString(directory.resolve("tokenizer.json"), "{\"model\":{\"vocab\":{\"a\":0}}}");

        assertThat(CheckpointTokens.read(file)).isEqualTo(new CheckpointTokens(file, Map.of(0L, "a"), Map.of()));
    }

    /** A token that is added and in the vocabulary, too, is one; those behind the rows are published. */
    @Test
    void whatPublishedTokenizersHaveIsTaken() {
        assertThat(of(6, Map.of(2L, "a", 5L, "<image>"), Map.of(5L, "<image>", 6L, "<audio>")))
                .isPresent();
        assertThat(of(6, Map.of(2L, "a", 6L, "<image>"), Map.of(6L, "<image>"))).isPresent();
        assertThat(of(900, Map.of(2L, "a"), Map.of())).isPresent();
    }

    @Test
    void tokensWithoutARowAreRefused() {
        assertThatThrownBy(() -> of(6, Map.of(2L, "a", 6L, "b"), Map.of()))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessage(
                        "tokenizer.json: model.vocab: token 'b' has the number 6, expected one below 6, the rows of the"
                                + " embedding; download tokenizer.json again, as it was published with these weights, or take a"
                                + " GGUF of the model in the place of its folder");
        assertThatThrownBy(() -> of(6, VOCABULARY, Map.of(2147483647L, "<image>", 5L, "<audio>")))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessageStartingWith(
                        "tokenizer.json: added_tokens: token '<image>' has the number 2147483647, expected"
                                + " one below 8: the embedding has 6 rows, and 2 tokens are added; download");
    }

    @Test
    void tokensAreFoundAmongOthers() throws IOException {
        Path file = Files.writeString(
                directory.resolve("tokenizer.json"),
                "{\"version\":\"1.0\",\"padding\":{\"a\":[\"]}\\\"\",{}]},\"x\":-1.5e3 ,\"vocab\":[],\"added_tokens\":"
                        + "[{\"id\":2,\"content\":\"<s>\",\"special\":true}],\"model\":{\"merges\":[[\"a\",\"b\"]],"
                        + "\"vocab\":{\"a\":0,\"b\":1,\"<s>\":2},\"added_tokens\":7}}");

        assertThat(CheckpointTokens.read(file))
                .isEqualTo(new CheckpointTokens(file, Map.of(0L, "a", 1L, "b", 2L, "<s>"), Map.of(2L, "<s>")));
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
