package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.testing.Vocabularies;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pairs whose vocabularies or outputs differ. */
class VocabularyRunTest {

    private static final float ALPHA = 0.4f;
    private static final TinyModel SFT = TinyModels.llama(Sizes.of(1, 256, 256, 4, 2));

    @TempDir
    Path directory;

    private Path sft;
    private Path aligned;
    private Path output;

    /** Writes two models, extrapolates, proves the file by its recipe, and has llama.cpp generate with it. */
    private void extrapolate(TinyModel from, TinyModel to) throws IOException {
        write(from, to);
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            pair.write(PlanOptions.builder().alpha(ALPHA).build(), output, OutputOptions.defaults());
        }
        VerificationReport report = Verifier.verify(output, Ingredients.pair(sft, aligned), WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
    }

    private void write(TinyModel from, TinyModel to) {
        sft = from.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        aligned = to.write(directory.resolve("aligned.gguf"), TensorValues.random(2));
        output = directory.resolve("out.gguf");
    }

    private static float[] values(Path file, String tensor) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            TensorInfo info = model.header().tensors().stream()
                    .filter(any -> any.name().equals(tensor))
                    .findFirst()
                    .orElseThrow();
            return GgmlFloats.of(model, info);
        }
    }

    private void assertGenerates() throws IOException {
        try (LlamaModel model = LlamaModel.load(output, LoadOptions.defaults());
                LlamaContext context = LlamaContext.open(model, ContextOptions.defaults())) {
            assertThat(context.generate("abc", GenerationOptions.greedy(4))).isNotNull();
        }
    }

    /** The rows of the result, one by one, with tokens looked up by text alone. */
    private void assertRows(String tensor, String sftTensor, List<String> from, List<String> to) throws IOException {
        float[] sftValues = values(sft, sftTensor);
        float[] alignedValues = values(aligned, tensor);
        float[] result = values(output, tensor);
        int length = alignedValues.length / to.size();
        float[] expected = new float[alignedValues.length];
        for (int token = 0; token < to.size(); token++) {
            int source = from.indexOf(to.get(token));
            for (int i = 0; i < length; i++) {
                float start = alignedValues[token * length + i];
                float delta = source < 0 ? 0 : start - sftValues[source * length + i];
                float step = ALPHA * delta;
                expected[token * length + i] = start + step;
            }
        }
        assertThat(result).as(tensor).isEqualTo(expected);
    }

    private static List<String> longer() {
        List<String> tokens = new ArrayList<>(Vocabularies.tokens(SFT));
        tokens.add(300, "<|im_start|>");
        tokens.add("<|im_end|>");
        tokens.remove("token310");
        tokens.add("[PAD]");
        return tokens;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "Q8_0"})
    void rowsFollowTheTextOfTheirTokensWhenTheAlignedModelHasMore(GgmlType type) throws IOException {
        extrapolate(SFT.withMatrices(type), Vocabularies.withTokens(SFT, longer()));

        assertRows("token_embd.weight", "token_embd.weight", Vocabularies.tokens(SFT), longer());
        assertRows("output.weight", "output.weight", Vocabularies.tokens(SFT), longer());
        assertGenerates();
    }

    @Test
    void rowsFollowTheTextOfTheirTokensWhenTheSftModelHasMore() throws IOException {
        extrapolate(Vocabularies.withTokens(SFT, longer()), SFT);

        assertRows("token_embd.weight", "token_embd.weight", longer(), Vocabularies.tokens(SFT));
        assertRows("output.weight", "output.weight", longer(), Vocabularies.tokens(SFT));
        assertGenerates();
    }

    @Test
    void valuesOfABiasFollowTheirTokensToo() throws IOException {
        TinyModel biased = SFT.with("output.bias", GgmlType.F32, TinyModels.VOCABULARY);
        extrapolate(biased, Vocabularies.withTokens(biased, longer()));

        assertRows("output.bias", "output.bias", Vocabularies.tokens(SFT), longer());
    }

    @Test
    void theEmbeddingsTakeThePlaceOfAnOutputThatTheSftModelTies() throws IOException {
        extrapolate(SFT.select(name -> !name.equals("output.weight")), Vocabularies.withTokens(SFT, longer()));

        assertRows("output.weight", "token_embd.weight", Vocabularies.tokens(SFT), longer());
        assertGenerates();
    }

    @Test
    void theResultTiesItsOutputWhereTheAlignedModelDoes() throws IOException {
        TinyModel tied = SFT.select(name -> !name.equals("output.weight"));
        extrapolate(SFT, tied);

        List<String> tokens = Vocabularies.tokens(SFT);
        assertRows("token_embd.weight", "token_embd.weight", tokens, tokens);
        assertThat(tensors(output)).isEqualTo(tensors(aligned));
        assertGenerates();
    }

    private static List<String> tensors(Path file) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return model.header().tensors().stream().map(TensorInfo::name).toList();
        }
    }

    @Test
    void bytesAndPlaceholdersAreNoTextAndTwinsMatchInOrder() throws IOException {
        List<String> twins = new ArrayList<>(Vocabularies.tokens(SFT));
        twins.set(310, "twin");
        twins.set(311, "twin");
        List<String> shifted = new ArrayList<>(twins);
        shifted.add(300, "new");
        TinyModel to = Vocabularies.withTokens(SFT, shifted);
        int[] types = new int[shifted.size()];
        double[] old =
                to.metadata().get("tokenizer.ggml.token_type").orElseThrow().asDoubles();
        for (int i = 0; i < types.length; i++) {
            types[i] = i == 5 ? 1 : (int) old[i]; // a byte that became text
        }
        extrapolate(
                Vocabularies.withTokens(SFT, twins),
                to.with("tokenizer.ggml.token_type", MetadataValue.ofInt32s(types)));

        assertThat(row(output, 5)).isEqualTo(row(aligned, 5));
        assertThat(row(output, 311)[0]).isEqualTo(extrapolated(row(sft, 310)[0], row(aligned, 311)[0]));
        assertThat(row(output, 312)[0]).isEqualTo(extrapolated(row(sft, 311)[0], row(aligned, 312)[0]));
    }

    private static float extrapolated(float from, float to) {
        float delta = to - from;
        float step = ALPHA * delta;
        return to + step;
    }

    private static float[] row(Path file, int token) throws IOException {
        return Arrays.copyOfRange(values(file, "token_embd.weight"), 256 * token, 256 * (token + 1));
    }

    @Test
    void theDifferenceIsReported() throws IOException {
        write(
                SFT,
                Vocabularies.withTokens(SFT, longer())
                        .with("tokenizer.ggml.eos_token_id", MetadataValue.ofUint32(320)));

        assertThat(remarks())
                .contains(
                        "the vocabularies differ: 320 and 322 tokens, 319 of them in both, 10 with other numbers",
                        "3 tokens only in the aligned model keep their rows: '<|im_start|>', '<|im_end|>', '[PAD]'",
                        "1 token only in the SFT model is left out: 'token310'",
                        "the eos token is 2 '</s>' in the SFT model and 320 '<|im_end|>' in the aligned model and the result");
        assertThat(remarks()).noneMatch(text -> text.contains("matrix") || text.contains("beyond"));
    }

    @Test
    void nothingIsReportedOfEqualVocabularies() throws IOException {
        write(SFT, SFT);

        assertThat(remarks()).noneMatch(text -> text.contains("token") || text.contains("vocabular"));
    }

    @Test
    void aTiedOutputIsReported() throws IOException {
        TinyModel tied = SFT.select(name -> !name.equals("output.weight"));
        write(tied, SFT);
        assertThat(remarks()).anyMatch(text -> text.startsWith("the SFT model has no output matrix of its own"));
        write(SFT, tied);
        assertThat(remarks()).anyMatch(text -> text.startsWith("the SFT model has an output matrix of its own"));
    }

    private List<String> remarks() throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            PairComparison comparison = pair.sample(1000, WorkOptions.defaults());
            return comparison.remarks().stream().map(Remark::text).toList();
        }
    }

    @Test
    void vocabulariesWithFewTokensInCommonAreRefused() {
        write(
                SFT,
                Vocabularies.withTokens(
                        SFT,
                        Vocabularies.numbered(200, "x", Vocabularies.tokens(SFT).subList(0, 120))));

        assertThatThrownBy(() -> {
                    try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
                        pair.plan(PlanOptions.builder().alpha(ALPHA).build());
                    }
                })
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining("120 of 320 tokens of the aligned model are in the SFT model");
    }
}
