package io.github.expogguf.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.compare.Remark.Weight;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairComparisonTest {

    private static final TensorInfo TENSOR = new TensorInfo("output.weight", GgmlType.F16, new Shape(100, 10), 0);

    /** As after alignment: a thousandth of the norm. */
    private static final DeltaSums ALIGNED = sums(1e-3, 1);

    private static final DeltaSums SAME = new DeltaSums(10, 0, 1, 1, 0, 1, 0);

    private static DeltaSums sums(double relativeNorm, double cosine) {
        return new DeltaSums(1000, 900, 100, 100, 100 * relativeNorm * relativeNorm, 100 * cosine, 0.1f);
    }

    private static ModelHeader model(String file, String... pairs) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], MetadataValue.ofString(pairs[i + 1]));
        }
        return new ModelHeader(file, new Metadata(values), List.of(TENSOR));
    }

    private static List<Remark> remarks(ModelHeader sft, ModelHeader aligned, DeltaSums sums, double noise) {
        TensorDelta delta = new TensorDelta(
                TENSOR,
                TENSOR,
                sums,
                0,
                0,
                noise,
                Optional.of(TENSOR.type()),
                Optional.of(TENSOR.type()),
                OptionalDouble.empty());
        return new PairComparison(sft, aligned, List.of(), List.of(), List.of(delta), false, false).remarks();
    }

    private static List<Remark> remarks(DeltaSums sums) {
        return remarks(model("a.gguf"), model("b.gguf"), sums, 0);
    }

    /** Of a tensor whose type takes nothing from its weights. */
    private static TensorDelta exact(DeltaSums sums) {
        return new TensorDelta(
                TENSOR, TENSOR, sums, 0, 0, 0, Optional.empty(), Optional.empty(), OptionalDouble.empty());
    }

    private static void assertWrong(List<Remark> remarks, Weight weight, String start) {
        assertThat(remarks).anySatisfy(remark -> {
            assertThat(remark.weight()).isEqualTo(weight);
            assertThat(remark.text()).startsWith(start);
        });
        assertThat(remarks).noneMatch(remark -> remark.text().startsWith("plausible"));
    }

    @Test
    void findsAPairPlausible() {
        assertThat(remarks(ALIGNED))
                .containsExactly(new Remark(
                        Weight.NOTE, "plausible: 0.10 % of the SFT model's norm lie between them, as after alignment"));
    }

    @Test
    void noticesIdenticalModels() {
        assertWrong(remarks(new DeltaSums(10, 0, 5, 5, 0, 5, 0)), Weight.WRONG, "the weights are the same in both");
    }

    @Test
    void noticesWeightsThatAreNoNumbers() {
        assertWrong(remarks(sums(Double.NaN, 1)), Weight.WRONG, "the weights hold NaN or infinity");
    }

    @Test
    void noticesUnrelatedModels() {
        assertWrong(
                remarks(sums(1.4, 0.02)),
                Weight.WRONG,
                "unrelated: the weights point in different directions (cosine 0.020");
        assertWrong(remarks(sums(0.5, 0.899)), Weight.WRONG, "unrelated");
        assertWrong(remarks(sums(0.4, 0.91)), Weight.WARNING, "far apart: the delta is 40 %");
    }

    @Test
    void noticesModelsThatAreFarApart() {
        assertWrong(remarks(sums(0.11, 0.99)), Weight.WARNING, "far apart: the delta is 11 %");
        assertThat(remarks(sums(0.09, 0.99)))
                .singleElement()
                .extracting(Remark::weight)
                .isEqualTo(Weight.NOTE);
    }

    @Test
    void noticesDeltasThatAreMostlyRounding() {
        double rms = ALIGNED.deltaRms();
        assertWrong(noisy(GgmlType.Q4_K, 0.6 * rms), Weight.WARNING, "noisy: rounding to Q4_K may make up 36 %");
        assertWrong(
                noisy(GgmlType.Q8_0, 2 * rms),
                Weight.WARNING,
                "noisy: rounding to Q8_0 may make up all of the difference; take"
                        + " files in their checkpoints' type: F32, F16 or BF16");
        assertThat(noisy(GgmlType.Q4_K, 0.4 * rms)).hasSize(1);
        assertWrong(
                noisy(GgmlType.MXFP4, 2 * rms),
                Weight.WARNING,
                "noisy: rounding to MXFP4 may make up all of the difference;"
                        + " unless the models were trained in it, ");
    }

    /** Two coarse files of one model lie as far apart as their rounding. */
    @Test
    void doesNotTakeRoundingForDistance() {
        ModelHeader model = model("a.gguf");
        DeltaSums coarse = sums(0.6, 0.82);
        assertWrong(remarks(model, model, coarse, 0), Weight.WRONG, "unrelated");
        assertThat(remarks(model, model, coarse, coarse.deltaRms()))
                .extracting(Remark::text)
                .noneMatch(text -> text.startsWith("unrelated") || text.startsWith("far apart"))
                .anyMatch(text -> text.startsWith("noisy"));
        DeltaSums apart = sums(Math.sqrt(2), 0);
        assertWrong(remarks(model, model, apart, 0.58 * apart.deltaRms()), Weight.WRONG, "unrelated");
    }

    @Test
    void callsNoCheckpointInSixteenBitsAFault() {
        double rms = ALIGNED.deltaRms();
        assertThat(noisy(GgmlType.BF16, 2 * rms)).extracting(Remark::weight).containsOnly(Weight.NOTE);
        assertThat(noisy(GgmlType.BF16, 2 * rms))
                .last()
                .extracting(Remark::text)
                .isEqualTo(
                        "noisy: rounding to BF16 may make up"
                                + " all of the difference; of a BF16 checkpoint there is no better input, of one in F32 there are F32 and F16 files");
        assertThat(noisy(GgmlType.F16, 2 * rms))
                .last()
                .extracting(Remark::text)
                .asString()
                .endsWith("; of an F16 checkpoint there is no better input, of one in F32 there are F32 files");
    }

    private static List<Remark> noisy(GgmlType rounding, double noise) {
        TensorDelta delta = new TensorDelta(
                TENSOR,
                TENSOR,
                ALIGNED,
                0,
                0,
                noise,
                Optional.of(rounding),
                Optional.of(rounding),
                OptionalDouble.empty());
        return new PairComparison(model("a.gguf"), model("b.gguf"), List.of(), List.of(), List.of(delta), false, false)
                .remarks();
    }

    @Test
    void takesTypesThatModelsAreTrainedInAsExact() {
        TensorInfo experts = new TensorInfo("blk.0.ffn_up_exps.weight", GgmlType.MXFP4, new Shape(96, 10), 0);
        TensorDelta delta = new TensorDelta(
                experts, experts, ALIGNED, 0, 0, 0, Optional.empty(), Optional.empty(), OptionalDouble.empty());
        ModelHeader gptOss = model("a.gguf", "general.architecture", "gpt-oss");
        assertThat(new PairComparison(gptOss, gptOss, List.of(), List.of(), List.of(delta), false, false).remarks())
                .extracting(Remark::text)
                .contains(
                        "weights in MXFP4 are taken as trained in it, not as rounded; a step smaller than its levels cannot be"
                                + " written in it");
        assertThat(TrainedTypes.isTrained(
                        model("a", "general.architecture", "qwen3moe").metadata(), experts))
                .isFalse();
        TensorInfo small = new TensorInfo("a", GgmlType.Q4_0, new Shape(32), 0);
        assertThat(TrainedTypes.isTrained(
                        model("a", "general.name", "Gemma 3 4b It QAT").metadata(), small))
                .isTrue();
        assertThat(TrainedTypes.isTrained(model("a", "general.name", "Qatar 7B").metadata(), small))
                .isFalse();
        assertThat(TrainedTypes.isTrained(
                        model("a").metadata(), new TensorInfo("a", GgmlType.TQ2_0, new Shape(256), 0)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "model-dpo.gguf, model-sft.gguf, swapped?",
        "Zephyr-7B-DPO.gguf, zephyr-7b-base.gguf, swapped?",
        "llama-base.gguf, llama-instruct.gguf, base and SFT?",
        "llama-base.gguf, llama-sft.gguf, base and SFT?",
        "llama-sft.gguf, llama-sft-dpo.gguf, ''",
        "llama-base.gguf, llama-dpo.gguf, ''",
        "tulu-2-7b.gguf, tulu-2-dpo-7b.gguf, ''",
        "sftp.gguf, database.gguf, ''",
        "whisper-base.gguf, whisper-base-tuned.gguf, ''",
        "bert-base-uncased.gguf, bert-base-tuned.gguf, ''",
        "flan-t5-base.gguf, t5-base-tuned.gguf, ''",
        "xlm-roberta-base.gguf, tuned.gguf, ''",
        "whisper-base-pretrained.gguf, whisper-base-tuned.gguf, base and SFT?",
        "Qwen3-8B-Base.gguf, Qwen3-8B.gguf, base and SFT?",
    })
    void noticesRolesThatNamesContradict(String sft, String aligned, String start) {
        List<Remark> remarks = remarks(model(sft), model(aligned), ALIGNED, 0);
        if (start.isEmpty()) {
            assertThat(remarks).hasSize(1);
        } else {
            assertWrong(remarks, Weight.WARNING, start);
        }
    }

    /** With an adapter between them. */
    @Test
    void aBaseBesideItselfSaysNothingOfWhatWasTrained() {
        ModelHeader base = model("llama-base.gguf");
        assertThat(remarks(base, base, ALIGNED, 0)).hasSize(1);
        ModelHeader named = model("a.gguf", "general.name", "A", "general.base_model.0.name", "A");
        assertThat(remarks(named, named, ALIGNED, 0)).hasSize(1);
    }

    @Test
    void baseIsASizeWhereTheArchitectureComesInSizes() {
        ModelHeader sft = model("a.gguf", "general.name", "My Base", "general.architecture", "t5");
        assertThat(remarks(sft, model("b.gguf"), ALIGNED, 0)).hasSize(1);
        ModelHeader stage = model("a.gguf", "general.name", "My Base", "general.architecture", "llama");
        assertWrong(remarks(stage, model("b.gguf"), ALIGNED, 0), Weight.WARNING, "base and SFT?");
    }

    /** Half of the rounding, or twice as much, may be all of it; less was trained from the rounded values. */
    @ParameterizedTest
    @CsvSource({
        "0.0053, true, true",
        "0.0053, false, false",
        "0.003, true, true",
        "0.0026, true, false",
        "0.009, true, true",
        "0.011, true, false"
    })
    void weightsInOneOrderAreOfOneModelWhereTheyDifferByRounding(double delta, boolean ordered, boolean expected) {
        double noise = 0.0053 * Math.sqrt(0.1); // the squares of a thousand weights add up to 100
        TensorDelta tensor = new TensorDelta(
                TENSOR,
                TENSOR,
                sums(delta, 1),
                0,
                0,
                noise,
                Optional.of(GgmlType.Q8_0),
                Optional.empty(),
                OptionalDouble.empty());
        PairComparison pair = new PairComparison(
                model("a.gguf"), model("b.gguf"), List.of(), List.of(), List.of(tensor), true, ordered);

        assertThat(pair.isOneModel()).isEqualTo(expected);
        assertThat(pair.doubts().stream().anyMatch(doubt -> doubt.text().startsWith("one model in two types: ")))
                .isEqualTo(expected);
    }

    @Test
    void modelsWithoutTensorsHaveNothingToExtrapolate() {
        ModelHeader empty = new ModelHeader("a.gguf", new Metadata(Map.of()), List.of());
        PairComparison pair = new PairComparison(empty, empty, List.of(), List.of(), List.of(), true, false);
        String text = "the aligned model has no tensors: there is nothing to extrapolate";
        assertThat(pair.doubts()).containsExactly(new Remark(Weight.WRONG, text));
        assertThat(pair.remarks()).containsExactly(new Remark(Weight.WRONG, text));
    }

    @Test
    void noticesAnSftModelThatWasMadeFromTheAlignedOne() {
        ModelHeader child = model("a.gguf", "general.base_model.0.name", "Parent");
        ModelHeader parent = model("b.gguf", "general.name", "Parent");
        assertWrong(remarks(child, parent, ALIGNED, 0), Weight.WARNING, "swapped? the SFT model's metadata names");
        assertThat(remarks(parent, child, ALIGNED, 0)).hasSize(1);
    }

    @Test
    void tellsOfChatTemplates() {
        ModelHeader none = model("a.gguf");
        ModelHeader one = model("b.gguf", "tokenizer.chat_template", "{{ one }}");
        ModelHeader other = model("b.gguf", "tokenizer.chat_template", "{{ other }}\u001b[31m");
        assertThat(remarks(none, one, ALIGNED, 0))
                .last()
                .extracting(Remark::text)
                .asString()
                .startsWith("only the aligned model has a chat template");
        assertThat(remarks(one, none, ALIGNED, 0))
                .last()
                .extracting(Remark::text)
                .asString()
                .startsWith("only the SFT model has a chat template");
        assertThat(remarks(one, other, ALIGNED, 0))
                .last()
                .extracting(Remark::text)
                .asString()
                .startsWith("the chat templates differ")
                .doesNotContain("\u001b");
        assertThat(remarks(one, one, ALIGNED, 0)).hasSize(1);
    }

    @Test
    void listsWhatKeepsTwoModelsFromBeingAPair() {
        PairComparison pair = new PairComparison(
                model("a.gguf"), model("b.gguf"), List.of("shapes"), List.of(), List.of(), false, false);
        assertThat(pair.remarks())
                .extracting(Remark::text)
                .containsExactly("not a pair: shapes", "no tensor of the two has the same name and shape");
    }

    @Test
    void countsTensorsThatDidNotChange() {
        PairComparison pair = new PairComparison(
                model("a.gguf"),
                model("b.gguf"),
                List.of(),
                List.of(),
                List.of(exact(SAME), exact(ALIGNED), exact(SAME)),
                false,
                false);
        assertThat(pair.remarks()).extracting(Remark::text).contains("2 of 3 tensors are the same in both");
    }

    @Test
    void tellsOfTokenizersThatAreSetDifferently() {
        ModelHeader none = model("a.gguf");
        ModelHeader one = model("a.gguf", "tokenizer.ggml.padding_token_id", "1", "tokenizer.ggml.eot_token_id", "2");
        ModelHeader other = model("b.gguf", "tokenizer.ggml.padding_token_id", "3", "tokenizer.ggml.eot_token_id", "2");
        assertThat(remarks(one, other, ALIGNED, 0))
                .last()
                .extracting(Remark::text)
                .isEqualTo("the tokenizers' settings differ (padding_token_id); the result has the aligned model's");
        assertThat(remarks(one, none, ALIGNED, 0)).hasSize(1);
        assertThat(remarks(one, one, ALIGNED, 0)).hasSize(1);
    }

    @Test
    void shortFormIsSilentOnAPlausiblePair() {
        assertThat(new PairComparison(
                                model("a.gguf"),
                                model("b.gguf"),
                                List.of(),
                                List.of(),
                                List.of(exact(SAME), exact(ALIGNED)),
                                true,
                                false)
                        .doubts())
                .isEmpty();
    }

    @Test
    void shortFormLeavesOutWhatPlanningRefuses() {
        List<Remark> doubts = new PairComparison(
                        model("a.gguf"),
                        model("b.gguf"),
                        List.of("shapes"),
                        List.of(),
                        List.of(exact(sums(0.5, 0.95))),
                        true,
                        false)
                .doubts();
        assertThat(doubts).singleElement().extracting(Remark::text).asString().startsWith("far apart");
    }

    @Test
    void aSampleIsNoProofThatModelsAreIdentical() {
        assertThat(new PairComparison(
                                model("a.gguf"),
                                model("b.gguf"),
                                List.of(),
                                List.of(),
                                List.of(exact(SAME)),
                                true,
                                false)
                        .doubts())
                .containsExactly(new Remark(
                        Weight.WRONG,
                        "a sample of the weights is the same in both: there may be nothing to extrapolate"));
    }
}
