package io.github.expogguf.card;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.Planner;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputNameTest {

    /** As docs/gguf.md of ggml has it. */
    private static final Pattern CONVENTION = Pattern.compile(
            "^(?:(?<Sidecar>mmproj|mtp)-)?(?<BaseName>[A-Za-z0-9\\s]*(?:(?:-(?:(?:[A-Za-z\\s][A-Za-z0-9\\s]*)|(?:[0-9\\s]*)))*))-"
                    + "(?:(?<SizeLabel>(?:\\d+x)?(?:\\d+\\.)?\\d+[A-Za-z](?:-[A-Za-z]+(\\d+\\.)?\\d+[A-Za-z]+)?)"
                    + "(?:-(?<FineTune>[A-Za-z0-9\\s-]+))?)?-(?:(?<Version>v\\d+(?:\\.\\d+)*))"
                    + "(?:-(?<Encoding>(?!LoRA|vocab)[\\w_]+))?(?:-(?<Type>LoRA|vocab))?(?:-(?<Shard>\\d{5}-of-\\d{5}))?\\.gguf$");

    private static final TinyModel MODEL =
            TinyModels.llama(Sizes.of(2, 256, 256, 4, 2)).without("general.name");

    private static TinyModel named(String name) {
        return MODEL.with("general.name", MetadataValue.ofString(name));
    }

    private static String name(TinyModel model, float alpha, Optional<FileType> type) {
        ModelFiles input = ModelFiles.of(model.header("some-file.gguf"));
        PlanOptions.Builder options = PlanOptions.builder().alpha(alpha);
        type.ifPresent(options::fileType);
        return OutputName.of(Planner.plan(input, input, options.build()));
    }

    private static String name(TinyModel model) {
        return name(model, 0.3f, Optional.of(FileType.Q4_K_M));
    }

    private static Matcher parts(String name) {
        Matcher matcher = CONVENTION.matcher(name);
        assertThat(matcher.matches()).as(name).isTrue();
        return matcher;
    }

    @ParameterizedTest
    @CsvSource({
        "Zephyr 7B Beta, Zephyr-7B-Beta-ExPO-0p3-v1.0-Q4_K_M.gguf",
        "zephyr-7b-beta, zephyr-7B-beta-ExPO-0p3-v1.0-Q4_K_M.gguf",
        "Mixtral 8x7B Instruct v0.1, Mixtral-8x7B-Instruct-ExPO-0p3-v0.1-Q4_K_M.gguf",
        "Hermes 2 Pro Llama 3 8B, Hermes-2-Pro-Llama-3-8B-ExPO-0p3-v1.0-Q4_K_M.gguf",
        "Llama 3.1 8B Instruct, Llama-3-1-8B-Instruct-ExPO-0p3-v1.0-Q4_K_M.gguf",
        "Qwen2.5 0.5B Instruct, Qwen2-5-0.5B-Instruct-ExPO-0p3-v1.0-Q4_K_M.gguf",
        "internlm2-chat-1_8b, internlm2-chat-1.8B-ExPO-0p3-v1.0-Q4_K_M.gguf",
        "phi-2 7B Q8_0.gguf, phi-2-7B-Q8-0-gguf-ExPO-0p3-v1.0-Q4_K_M.gguf",
    })
    void partsComeFromTheName(String general, String expected) {
        assertThat(name(named(general))).isEqualTo(expected);
        parts(expected);
    }

    @Test
    void metadataOfItsOwnComesBeforeTheName() {
        TinyModel model = named("anything")
                .with("general.basename", MetadataValue.ofString("Zephyr"))
                .with("general.size_label", MetadataValue.ofString("7B"))
                .with("general.finetune", MetadataValue.ofString("beta"))
                .with("general.version", MetadataValue.ofString("v0.2"));

        Matcher parts = parts(name(model));

        assertThat(parts.group("BaseName")).isEqualTo("Zephyr");
        assertThat(parts.group("SizeLabel")).isEqualTo("7B");
        assertThat(parts.group("FineTune")).isEqualTo("beta-ExPO-0p3");
        assertThat(parts.group("Version")).isEqualTo("v0.2");
        assertThat(parts.group("Encoding")).isEqualTo("Q4_K_M");
    }

    @Test
    void whatIsMissingIsComputed() {
        // 2 * 256 * 320 + 2 * (5 * 256 * 256 + 2 * 128 * 256) + 5 * 256 weights
        assertThat(name(MODEL)).isEqualTo("some-file-952K-ExPO-0p3-v1.0-Q4_K_M.gguf");
        TinyModel experts =
                TinyModels.llama(Sizes.of(2, 256, 256, 4, 2).withExperts(4)).without("general.name");
        assertThat(name(experts)).matches("some-file-4x[0-9.]+[KM]-ExPO-0p3-v1\\.0-Q4_K_M\\.gguf");
        assertThat(name(MODEL.without("general.file_type"), 1, Optional.empty()))
                .isEqualTo("some-file-952K-ExPO-1-v1.0-F32.gguf");
        assertThat(name(MODEL.with("general.file_type", MetadataValue.ofUint32(1)), 1, Optional.empty()))
                .isEqualTo("some-file-952K-ExPO-1-v1.0-F16.gguf");
    }

    @Test
    void everyAlphaHasItsOwnName() {
        assertThat(name(MODEL, 0, Optional.empty())).contains("-ExPO-0-v1.0");
        assertThat(name(MODEL, -0.5f, Optional.empty())).contains("-ExPO-minus0p5-v1.0");
        assertThat(name(MODEL, 1e-4f, Optional.empty())).contains("-ExPO-0p0001-v1.0");
        assertThat(name(MODEL, 25, Optional.empty())).contains("-ExPO-25-v1.0");
    }

    @Test
    void everyRankHasItsOwnName() {
        PlanOptions options =
                PlanOptions.builder().alpha(2).rank(8).fileType(FileType.F16).build();
        ModelFiles input = ModelFiles.of(MODEL.header("some-file.gguf"));

        String name = OutputName.of(Planner.plan(input, input, options));

        assertThat(name).isEqualTo("some-file-952K-ExPO-2-Rank-8-v1.0-F16.gguf");
        assertThat(parts(name).group("FineTune")).isEqualTo("ExPO-2-Rank-8");
    }

    private static String withRules(String... rules) {
        PlanOptions options = PlanOptions.builder()
                .alpha(2)
                .alphaRules(Arrays.stream(rules).map(TensorAlphaRule::parse).toList())
                .fileType(FileType.F16)
                .build();
        ModelFiles input = ModelFiles.of(MODEL.header("some-file.gguf"));
        return OutputName.of(Planner.plan(input, input, options));
    }

    @Test
    void rulesHaveNamesOfTheirOwn() {
        assertThat(withRules("norm=copy")).isEqualTo("some-file-952K-ExPO-2-no-norms-v1.0-F16.gguf");
        String name = withRules("attn=*0.5");

        assertThat(parts(name).group("FineTune")).matches("ExPO-2-Rules-[a-p]{6}");
        assertThat(name)
                .isEqualTo(withRules("attn=*0.5"))
                .isNotEqualTo(withRules("ffn=*0.5"))
                .isNotEqualTo(withRules("attn=*0.5", "ffn=*0.5"));
    }

    @Test
    void oneModelIsNotCalledExpo() {
        PlanOptions options = PlanOptions.builder().fileType(FileType.Q8_0).build();
        ModelFiles model = ModelFiles.of(named("Zephyr 7B Beta").header("x.gguf"));

        assertThat(OutputName.of(Planner.plan(model, options))).isEqualTo("Zephyr-7B-Beta-v1.0-Q8_0.gguf");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "a\u0000b\nc",
                "..",
                "-rf",
                "\u202egguf.exe",
                "7b",
                "日本語",
                "a b\tc",
                "C:\\x",
                "7B 8B 9B",
                "x 1234567890123B",
                "- - -",
                "v1",
                "a 7B v99999999999",
                "4x4x4 3e8Q",
                "A-LoRA 7B vocab"
            })
    void hostileNamesKeepToTheConvention(String hostile) {
        for (String key : new String[] {"general.name", "general.basename", "general.finetune", "general.size_label"}) {
            TinyModel model = named("Good 7B").with(key, MetadataValue.ofString(hostile));
            assertThat(name(model))
                    .matches("[A-Za-z0-9._-]+")
                    .doesNotContain("..")
                    .doesNotStartWith("-");
            parts(name(model));
        }
        assertThat(name(named("x".repeat(100_000)))).hasSizeLessThan(120);
    }
}
