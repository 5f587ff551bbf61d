package io.github.expogguf.plan.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.VerificationException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.Planner;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.Versions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputMetadataTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(1, 256, 256, 4, 2));

    private static final TinyModel ALIGNED = MODEL.with("general.name", MetadataValue.ofString("Guide DPO"))
            .with("general.organization", MetadataValue.ofString("Example"))
            .with("general.repo_url", MetadataValue.ofString("https://example.org/dpo"))
            .with("general.alignment", MetadataValue.ofUint32(32))
            .with("tokenizer.chat_template", MetadataValue.ofString("{{ messages }}"));

    private static final TinyModel SFT = MODEL.without("general.name");

    @Test
    void keepsTheMetadataOfTheAlignedModelInItsOrder() {
        Metadata output = extrapolated(ALIGNED, PlanOptions.builder().alpha(0.5f));
        Map<String, MetadataValue> kept = new LinkedHashMap<>(output.asMap());
        kept.keySet().retainAll(ALIGNED.metadata().keys());
        assertThat(new ArrayList<>(kept.keySet()))
                .isEqualTo(new ArrayList<>(ALIGNED.metadata().keys()));
        kept.forEach((key, value) -> {
            if (!key.equals("general.name")) {
                assertThat(value).as(key).isEqualTo(ALIGNED.metadata().get(key).orElseThrow());
            }
        });
    }

    @Test
    void namesTheOutputAndItsParents() {
        Metadata output = extrapolated(ALIGNED, PlanOptions.builder().alpha(0.5f));
        assertThat(output.string("general.name")).contains("Guide DPO ExPO");
        assertThat(output.integer("general.base_model.count")).hasValue(2);
        assertThat(output.string("general.base_model.0.name")).contains("Guide DPO");
        assertThat(output.string("general.base_model.0.organization")).contains("Example");
        assertThat(output.string("general.base_model.0.repo_url")).contains("https://example.org/dpo");
        assertThat(output.string("general.base_model.1.name")).contains("sft");
        assertThat(output.get("general.base_model.1.organization")).isEmpty();
    }

    @Test
    void keepsTheNameWhereNothingIsExtrapolated() {
        assertThat(extrapolated(ALIGNED, PlanOptions.builder()).string("general.name"))
                .contains("Guide DPO");
        Metadata quantized = quantized(ALIGNED, PlanOptions.builder().fileType(FileType.Q8_0));
        assertThat(quantized.string("general.name")).contains("Guide DPO");
        assertThat(quantized.get("general.base_model.count")).isEmpty();
        assertThat(quantized.get("expo.alpha")).isEmpty();
    }

    @Test
    void carriesTheEvidenceForAlpha() {
        Map<String, MetadataValue> evidence = Map.of("expo.search.prompts", MetadataValue.ofUint32(138));
        PlanOptions.Builder options = PlanOptions.builder().alpha(0.5f).evidence(evidence);

        Metadata output = extrapolated(ALIGNED, options);

        assertThat(output.integer("expo.search.prompts")).hasValue(138);
        Recipe recipe = Recipe.read(output).orElseThrow();
        assertThat(recipe.evidence()).isEqualTo(evidence);
        assertThat(recipe.options()).isEqualTo(options.build());
    }

    @Test
    void refusesEvidenceUnderOtherKeys() {
        PlanOptions.Builder options = PlanOptions.builder().evidence(Map.of("expo.alpha", MetadataValue.ofFloat32(1)));

        assertThatThrownBy(options::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'expo.alpha' does not begin with expo.search.");
    }

    @Test
    void dropsWhatDescribedTheInputAlone() {
        TinyModel aligned = ALIGNED.with("split.count", MetadataValue.ofInteger(MetadataType.UINT16, 2))
                .with("expo.alpha", MetadataValue.ofFloat32(9))
                .with("expo.other", MetadataValue.ofString("old"))
                .with("general.base_model.0.doi", MetadataValue.ofString("old"))
                .with("quantize.imatrix.file", MetadataValue.ofString("old"));
        Metadata output = extrapolated(aligned, PlanOptions.builder().alpha(0.5f));
        assertThat(output.keys())
                .doesNotContain("split.count", "expo.other", "general.base_model.0.doi", "quantize.imatrix.file");
        assertThat(quantized(aligned, PlanOptions.builder()).keys())
                .doesNotContain("split.count", "expo.alpha", "expo.other")
                .contains("general.base_model.0.doi", "quantize.imatrix.file");
    }

    @Test
    void setsFileTypeAndQuantizationVersion() {
        Metadata output = extrapolated(ALIGNED, PlanOptions.builder().alpha(1).fileType(FileType.Q4_K_M));
        assertThat(output.get("general.file_type")).contains(MetadataValue.ofUint32(15));
        assertThat(output.get("general.quantization_version"))
                .contains(MetadataValue.ofUint32(Llama.GGML_QNT_VERSION()));
        assertThat(extrapolated(ALIGNED, PlanOptions.builder().alpha(1)).get("general.file_type"))
                .contains(MetadataValue.ofUint32(0));
    }

    @Test
    void namesTheTypeOfMostTensorsWhereTheModelNamesNoFileType() {
        TinyModel nameless = ALIGNED.without("general.file_type");
        Map<GgmlType, Integer> expected = Map.of(
                GgmlType.F32, 0, GgmlType.F16, 1, GgmlType.Q4_K, 15, GgmlType.NVFP4, 39, GgmlType.MXFP4, 38); // llama.h
        expected.forEach((type, number) -> assertThat(extrapolated(
                                nameless.withMatrices(type),
                                PlanOptions.builder().alpha(1))
                        .get("general.file_type"))
                .as(type.name())
                .contains(MetadataValue.ofUint32(number)));
    }

    @Test
    void dropsAnAlignmentThatOtherProgramsKeepAndDoNotFollow() {
        TinyModel aligned = ALIGNED.with("general.alignment", MetadataValue.ofUint32(64));
        assertThat(extrapolated(aligned, PlanOptions.builder().alpha(1)).keys()).doesNotContain("general.alignment");
    }

    @Test
    void holdsMergekitsWeightRoundedOnce() {
        Metadata output = extrapolated(ALIGNED, PlanOptions.builder().alpha(0.3f));
        assertThat(output.get("expo.alpha")).contains(MetadataValue.ofFloat32(0.3f));
        assertThat(output.get("expo.weight")).contains(MetadataValue.ofFloat32((float) (1.0 + 0.3f)));
        assertThat(output.string("expo.formula")).contains("aligned + alpha * (aligned - sft)");
    }

    @Test
    void takesDigestsWithoutChangingItsSize() {
        List<String> shards = List.of("a-00001-of-00002.gguf", "a-00002-of-00002.gguf");
        Metadata planned = Planner.plan(
                        new ModelFiles(SFT.header("a-00001-of-00002.gguf"), shards),
                        ModelFiles.of(ALIGNED.header("b.gguf")),
                        PlanOptions.builder().alpha(1).build())
                .metadata();
        assertThat(planned.string("general.base_model.1.name")).contains("a");
        List<String> sftDigests = List.of("1".repeat(64), "2".repeat(64));
        Metadata done = OutputMetadata.withDigests(planned, Ingredients.pair(sftDigests, List.of("3".repeat(64))));
        assertThat(done.get("expo.sft.sha256").orElseThrow().asStrings()).isEqualTo(sftDigests);
        assertThat(done.get("expo.aligned.sha256").orElseThrow().asStrings()).containsExactly("3".repeat(64));
        assertThat(done.keys()).containsExactlyElementsOf(planned.keys());
        assertThat(totalBytes(done)).isEqualTo(totalBytes(planned));
        assertThatThrownBy(() ->
                        OutputMetadata.withDigests(planned, Ingredients.pair(List.of(), List.of("3".repeat(64)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expo.sft.sha256: digests of []");
    }

    private static long totalBytes(Metadata metadata) {
        return metadata.asMap().values().stream()
                .mapToLong(value -> value.bytes().length)
                .sum();
    }

    @Test
    void putsOverridesLast() {
        Metadata output = extrapolated(
                ALIGNED,
                PlanOptions.builder()
                        .alpha(1)
                        .fileType(FileType.Q8_0)
                        .overrides(List.of(
                                KeyValueOverride.parse("general.name=str:Mine"),
                                KeyValueOverride.parse("general.file_type=int:-7"),
                                KeyValueOverride.parse("x.y=float:0.1"),
                                KeyValueOverride.parse("x.z=bool:true"))));
        assertThat(output.string("general.name")).contains("Mine");
        assertThat(output.get("general.file_type")).contains(MetadataValue.ofUint32(7));
        assertThat(output.get("x.y")).contains(MetadataValue.ofFloat32(0.1f));
        assertThat(output.get("x.z")).contains(MetadataValue.ofBoolean(true));
        for (String key : List.of("general.alignment", "split.count", "expo.alpha")) {
            assertThatThrownBy(() -> KeyValueOverride.parse(key + "=int:1"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("'" + key + "' describes the file itself and cannot be overridden");
        }
    }

    @Test
    void tellsTheRecipeFromWhichTheOptionsCanBeRebuilt() {
        PlanOptions options = PlanOptions.builder()
                .alpha(0.3f)
                .fileType(FileType.IQ3_XS)
                .tensorTypes(
                        List.of(TensorTypeRule.parse("blk\\.[0-9]\\.attn (a|=)=q8_0"), TensorTypeRule.parse("x=F16")))
                .outputTensorType(GgmlType.Q6_K)
                .tokenEmbeddingType(GgmlType.BF16)
                .leaveOutputTensor(true)
                .imatrix(MODEL.imatrix(1))
                .overrides(List.of(
                        KeyValueOverride.parse("a.b=str:x = y: z"),
                        KeyValueOverride.parse("a.c=float:0.1"),
                        KeyValueOverride.parse("a.d=int:4294967295"),
                        KeyValueOverride.parse("a.e=bool:false")))
                .build();
        Metadata output = metadata(Optional.of(SFT), ALIGNED, options);
        Recipe recipe = Recipe.read(output).orElseThrow();
        assertThat(recipe.alpha()).contains(0.3f);
        assertThat(recipe.sftFiles()).containsExactly("sft.gguf");
        assertThat(recipe.alignedDigests()).containsExactly("0".repeat(64));
        assertThat(recipe.rules()).startsWith("--type IQ3_XS", "--tensor-type blk\\.[0-9]\\.attn (a|=)=Q8_0");
        assertThat(recipe.usesImatrix()).isTrue();
        assertThat(recipe.imatrixFile()).isEmpty();
        assertThatThrownBy(() -> recipe.options())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the file was made with an imatrix");
        PlanOptions rebuilt = recipe.options(options.imatrix().orElseThrow());
        assertThat(rebuilt).isEqualTo(options);
        assertThat(metadata(Optional.of(SFT), ALIGNED, rebuilt).asMap()).isEqualTo(output.asMap());
    }

    @Test
    void readsTheRecipeOfAQuantizedModel() {
        PlanOptions options =
                PlanOptions.builder().fileType(FileType.Q2_K).pure(true).build();
        Recipe recipe =
                Recipe.read(metadata(Optional.empty(), ALIGNED, options)).orElseThrow();
        assertThat(recipe.alpha()).isEmpty();
        assertThat(recipe.sftFiles()).isEmpty();
        assertThat(recipe.options()).isEqualTo(options);
    }

    @Test
    void refusesRecipesThatAreIncompleteOrUnknown() {
        assertThat(Recipe.read(MODEL.metadata())).isEmpty();
        Metadata output = extrapolated(ALIGNED, PlanOptions.builder().alpha(1));
        Map<String, MetadataValue> values = new LinkedHashMap<>(output.asMap());
        values.remove("expo.sft.sha256");
        assertThatThrownBy(() -> Recipe.read(new Metadata(values)))
                .isInstanceOf(VerificationException.class)
                .hasMessage("the recipe is incomplete: no strings expo.sft.sha256");
        values.putAll(output.asMap());
        values.put("expo.rules", MetadataValue.ofStrings(List.of("--colour red")));
        Recipe recipe = Recipe.read(new Metadata(values)).orElseThrow();
        assertThatThrownBy(() -> recipe.options())
                .isInstanceOf(VerificationException.class)
                .hasMessage("expo.rules: '--colour red' is not a rule");
    }

    @Test
    void statesTheVersionsOfTheBuild() throws Exception {
        assertThat(Files.readString(Path.of("pom.xml"))).contains("<version>" + Versions.EXPO_GGUF + "</version>");
        Metadata output = extrapolated(ALIGNED, PlanOptions.builder().alpha(1));
        assertThat(output.string("expo.version")).contains(Versions.EXPO_GGUF);
        assertThat(output.string("expo.llama_cpp.version")).contains(Versions.llamaCpp());
    }

    private static Metadata extrapolated(TinyModel aligned, PlanOptions.Builder options) {
        return metadata(Optional.of(SFT), aligned, options.build());
    }

    private static Metadata quantized(TinyModel aligned, PlanOptions.Builder options) {
        return metadata(Optional.empty(), aligned, options.build());
    }

    private static Metadata metadata(Optional<TinyModel> sft, TinyModel aligned, PlanOptions options) {
        ModelFiles model = ModelFiles.of(aligned.header("aligned.gguf"));
        Plan plan = sft.isPresent()
                ? Planner.plan(ModelFiles.of(sft.get().header("sft.gguf")), model, options)
                : Planner.plan(model, options);
        return plan.metadata();
    }
}
