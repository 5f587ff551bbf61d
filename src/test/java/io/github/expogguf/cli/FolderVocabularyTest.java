package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.convert.ConvertedModel;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.testing.FolderFixture;
import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An SFT folder whose tokens have other numbers than the aligned model's, and its rows with them. */
class FolderVocabularyTest {

    private static final int CONTROL = 3;
    private static final int UNUSED = 5;
    private static final Set<String> OF_TOKENS =
            Set.of("token_embd.weight", "output.weight", "per_layer_token_embd.weight");

    @TempDir
    private Path directory;

    /** In the forms of BPE and WordPiece, and of Unigram. */
    @ParameterizedTest
    @CsvSource({"tokens,false", "tokens,true", "llama,false", "llama_rope,true", "llama_shards,false", "gemma4,false"})
    void rowsAreMatchedByTheTextsOfTheirTokens(String name, boolean isList) throws IOException {
        FolderFixture fixture = FolderFixture.of(name);
        Path moved = moved(fixture, isList);

        assertThat(tensors(extrapolated(moved, fixture.aligned(), fixture.template())))
                .containsExactlyEntriesOf(tensors(extrapolated(fixture.sft(), fixture.aligned(), fixture.template())));
        Path gguf = directory.resolve("aligned.gguf");
        ran("quantize", "-m", fixture.aligned(), "--like", fixture.template(), "--type", "F32", "-o", gguf);
        assertThat(tensors(extrapolated(moved, gguf)))
                .containsExactlyEntriesOf(tensors(extrapolated(fixture.sft(), gguf)));
    }

    @Test
    void planSaysHowManyTokensMoved() throws IOException {
        FolderFixture fixture = FolderFixture.of("llama");
        Path moved = moved(fixture, false);

        assertThat(plan(moved, fixture))
                .contains("the vocabularies differ: 48 and 48 tokens, 48 of them in both, ")
                .contains(" with other numbers")
                .doesNotContain("tokenizer.json");
    }

    @Test
    void aFolderWithTwoSetsOfFilesSaysWhichIsRead() throws IOException {
        FolderFixture fixture = FolderFixture.of("llama");
        Path folder = Files.createDirectory(directory.resolve("both"));
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(fixture.sft().resolve(name), folder.resolve(name));
        }
        String note = "note: of both model.safetensors is read, as transformers does, and not the files of the index";
        assertThat(plan(folder, fixture)).doesNotContain(note);
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"a\":\"x.safetensors\"}}");
        assertThat(plan(folder, fixture)).contains(note);
    }

    @Test
    void withoutATokenizerRowsAreComparedByNumber() throws IOException {
        FolderFixture fixture = FolderFixture.of("llama");

        assertThat(plan(fixture.sft(), fixture))
                .contains("note: sft has no tokenizer.json, which would say which tokens its rows are of: they are"
                        + " compared with those of the same numbers")
                .doesNotContain("note: aligned has no tokenizer.json");
        Path moved = moved(fixture, false);
        Files.delete(moved.resolve("tokenizer.json"));
        Ran refused = Ran.run(
                "plan", "--sft", moved, "--aligned", fixture.aligned(), "--like", fixture.template(), "--type", "Q8_0");
        assertThat(refused.exitCode()).isEqualTo(4);
        assertThat(refused.err())
                .contains("tensor 'token_embd.weight'", "closest is")
                .contains("which tokens the rows are of, tokenizer.json would say, which is not there")
                .contains("rows are matched by their tokens: download tokenizer.json, too, into the same folder")
                .doesNotContain("template must be");
    }

    /** What was accepted before gave rows of other tokens. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"th\": 39|\"th\": 40|token 'he' has the number 40, which is that of 'th', too, expected one token",
                "\"th\": 39|\"th\": 100|token 'th' has the number 100, expected one below 44, the rows",
                "\"th\": 39|\"th\": -1|the number of token 'th' is -1, expected a whole one",
                "\"he\"|\"th\"|'th' is there twice"
            })
    void numbersThatAreNobodysAreRefused(String good, String bad, String words) throws IOException {
        FolderFixture fixture = FolderFixture.of("tokens");
        Path folder = copied(fixture);
        Path file = folder.resolve("tokenizer.json");
        String text = Files.readString(file);
        assertThat(text).contains(good);
        Files.writeString(file, text.replace(good, bad));

        Ran refused = Ran.run("plan", "--sft", folder, "--aligned", fixture.aligned(), "--like", fixture.template());
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err())
                .startsWith("expo-gguf: error: " + file + ": ")
                .contains(words)
                .containsOnlyOnce("download");
    }

    /** The tokens are those of the rows of another model. */
    @Test
    void anotherTokenizerIsNoOtherTemplate() throws IOException {
        FolderFixture fixture = FolderFixture.of("llama");
        Path moved = moved(fixture, false);
        Path file = moved.resolve("tokenizer.json");
        List<String> texts;
        double[] types;
        try (GgufModel template = GgufModel.open(fixture.template())) {
            Metadata metadata = template.header().metadata();
            texts = metadata.get("tokenizer.ggml.tokens").orElseThrow().asStrings();
            types = metadata.get("tokenizer.ggml.token_type").orElseThrow().asDoubles();
        }
        List<String> reversed = new ArrayList<>(texts).reversed();
        double[] ofReversed = new double[types.length];
        for (int i = 0; i < types.length; i++) {
            ofReversed[i] = types[types.length - 1 - i];
        }
        Files.writeString(file, tokenizer(reversed, ofReversed, false));

        Ran refused = Ran.run("plan", "--sft", moved, "--aligned", fixture.aligned(), "--like", fixture.template());
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(4);
        assertThat(refused.err())
                .contains(
                        "rows are matched by their tokens: download tokenizer.json again, as it was published with these")
                .doesNotContain("template must be");
    }

    private static String plan(Path sft, FolderFixture fixture) {
        return ran("plan", "--sft", sft, "--aligned", fixture.aligned(), "--like", fixture.template())
                .err();
    }

    private static Ran ran(Object... words) {
        Ran ran = Ran.run(words);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return ran;
    }

    private Path extrapolated(Path sft, Path aligned, Path... like) {
        Path output = directory.resolve("out.gguf");
        Stream<Object> words = Stream.of(
                "extrapolate",
                "--sft",
                sft,
                "--aligned",
                aligned,
                "--alpha",
                0.5,
                "--type",
                "F32",
                "--force",
                "-o",
                output);
        ran(Stream.concat(words, Stream.of(like).flatMap(path -> Stream.of("--like", path)))
                .toArray());
        return output;
    }

    /** By name the SHA-256 of the data; rows behind those of the tokens are nobody's. */
    private static Map<String, String> tensors(Path gguf) throws IOException {
        Map<String, String> tensors = new LinkedHashMap<>();
        try (GgufModel model = GgufModel.open(gguf)) {
            long tokens = model.header()
                    .metadata()
                    .get("tokenizer.ggml.tokens")
                    .orElseThrow()
                    .elementCount();
            for (TensorInfo tensor : model.header().tensors()) {
                long count = OF_TOKENS.contains(tensor.name())
                        ? Math.min(tensor.byteCount(), tokens * tensor.rowBytes())
                        : tensor.byteCount();
                byte[] bytes = new byte[Math.toIntExact(count)];
                model.read(tensor, 0, MemorySegment.ofArray(bytes));
                tensors.put(tensor.name(), Sha256.of(bytes));
            }
        }
        return tensors;
    }

    private Path copied(FolderFixture fixture) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("moved"));
        try (Stream<Path> files = Files.list(fixture.sft())) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        return folder;
    }

    /** A copy of the SFT folder with all tokens, but for placeholders, in the opposite order. */
    private Path moved(FolderFixture fixture, boolean isList) throws IOException {
        Path folder = copied(fixture);
        try (ConvertedModel aligned = ConvertedModel.open(fixture.aligned(), GgufModel.open(fixture.template()), true);
                ConvertedModel sft = ConvertedModel.open(fixture.sft(), aligned, false)) {
            Metadata metadata = sft.header().metadata();
            List<String> texts =
                    metadata.get("tokenizer.ggml.tokens").orElseThrow().asStrings();
            double[] types =
                    metadata.get("tokenizer.ggml.token_type").orElseThrow().asDoubles();
            int count = texts.size();
            while (types[count - 1] == UNUSED) {
                count--;
            }
            Files.writeString(folder.resolve("tokenizer.json"), tokenizer(texts.subList(0, count), types, isList));
            Set<String> sources = new HashSet<>();
            sft.evidence().stream()
                    .filter(tensor -> OF_TOKENS.contains(tensor.tensor().name()))
                    .forEach(tensor -> sources.addAll(tensor.sources()));
            for (String source : sources) {
                turnRows(folder, source, count);
            }
        }
        return folder;
    }

    /** Each token with the number that is as far from the last one as its own is from 0. */
    private static String tokenizer(List<String> texts, double[] types, boolean isList) {
        JsonArray added = new JsonArray();
        JsonObject map = new JsonObject();
        JsonArray list = new JsonArray();
        for (int number = 0; number < texts.size(); number++) {
            int token = texts.size() - 1 - number;
            String text = texts.get(token);
            if (types[token] == CONTROL) {
                JsonObject special = new JsonObject();
                special.addProperty("id", number);
                special.addProperty("content", text);
                added.add(special);
            } else {
                map.addProperty(text, number);
            }
            JsonArray scored = new JsonArray();
            scored.add(text);
            scored.add(-1.5);
            list.add(scored);
        }
        JsonObject model = new JsonObject();
        model.addProperty("type", isList ? "Unigram" : "BPE");
        model.add("vocab", isList ? list : map);
        JsonObject tokenizer = new JsonObject();
        tokenizer.add("added_tokens", added);
        tokenizer.add("model", model);
        return tokenizer.toString();
    }

    private static void turnRows(Path folder, String name, int count) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            SafetensorsTensor tensor = checkpoint.tensors().get(name);
            int rows = Math.toIntExact(tensor.shape().getFirst());
            byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
            checkpoint.read(tensor, 0, MemorySegment.ofArray(bytes));
            int rowBytes = bytes.length / rows;
            List<ByteBuffer> turned = new ArrayList<>();
            for (int row = 0; row < count; row++) {
                turned.add(ByteBuffer.wrap(bytes, (count - 1 - row) * rowBytes, rowBytes));
            }
            try (FileChannel channel =
                    FileChannel.open(checkpoint.files().get(tensor.file()).path(), StandardOpenOption.WRITE)) {
                long start = checkpoint.files().get(tensor.file()).dataOffset() + tensor.begin();
                for (int row = 0; row < count; row++) {
                    channel.write(turned.get(row), start + (long) row * rowBytes);
                }
            }
        }
    }
}
