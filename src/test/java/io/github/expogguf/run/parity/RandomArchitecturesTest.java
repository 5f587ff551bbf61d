package io.github.expogguf.run.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.mixture.TypeChooser;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.NativeQuantizer;
import io.github.expogguf.verify.Check;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pairs of random models of every architecture that llama.cpp has; {@code make test-architectures} makes them and names
 * their directory. Each is extrapolated, has the types and the bytes of llama-quantize, verifies after a COPY by it,
 * loads, and gives finite logits.
 */
@EnabledIfSystemProperty(named = RandomArchitecturesTest.MODELS, matches = ".+")
class RandomArchitecturesTest {

    static final String MODELS = "expo.gguf.test.architectures";

    private static final float ALPHA = 0.7f;
    private static final int[] TOKENS = IntStream.range(1, 25).map(i -> i * 5).toArray();

    /** That there is one counts in a dry run, not what it says. */
    private static final Imatrix SOME_IMATRIX = new Imatrix(Map.of("blk.0.attn_v.weight", new float[] {1}));

    /** Draft models run beside another one only. */
    private static final Set<String> DRAFTS = Set.of("dflash", "eagle3");

    /** Its ternary weights are multiplied with scales of their own. */
    private static final String SCALED = "bitnet";

    /** llama.cpp's test has no shapes for it that fit each other. */
    private static final String WITHOUT_FITTING_SHAPES = "plm";

    private static final String QUANTIZED_NORMS = "give finite logits once norms stay F32, which llama-quantize packs";

    /** llama-quantize keeps norms whose names end with _norm.weight; these have others. */
    private static final Set<String> NORMS_WITH_OTHER_NAMES = Set.of("qwen4exp", "wavtokenizer-dec");

    /** What was tried, by what came of it. */
    private static final Map<String, Set<String>> RESULTS = new TreeMap<>();

    @TempDir
    Path directory;

    static Stream<String> models() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty(MODELS, "."), "1"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @AfterAll
    static void print() {
        RESULTS.forEach(
                (result, models) -> System.out.println(models.size() + " " + result + ": " + String.join(" ", models)));
    }

    @Test
    void theModelsHaveRecurrentStatesAndTheNewestArchitectures() throws IOException {
        assertThat(models().map(name -> name.replaceFirst("-(dense|moe)\\.gguf$", "")))
                .contains(
                        "mamba",
                        "mamba2",
                        "rwkv6",
                        "rwkv6qwen2",
                        "rwkv7",
                        "arwkv7",
                        "jamba",
                        "falcon-h1",
                        "granitehybrid",
                        "plamo2",
                        "lfm2",
                        "lfm2moe",
                        "nemotron_h",
                        "nemotron_h_moe",
                        "qwen3next",
                        "qwen35",
                        "qwen35moe",
                        "qwen4exp",
                        "kimi-linear",
                        "kimi-k3",
                        "bailingmoe3",
                        "minimax-01")
                .contains("hrm_text", "hy_v4", "maple", "spark2_5");
    }

    @ParameterizedTest
    @MethodSource("models")
    void hasTheTypesOfLlamaQuantize(String name) throws IOException {
        Path model = Path.of(System.getProperty(MODELS), "2", name);
        try (GgufModel opened = GgufModel.open(model)) {
            for (FileType fileType : FileType.values()) {
                PlanOptions options = PlanOptions.builder()
                        .fileType(fileType)
                        .imatrix(SOME_IMATRIX)
                        .build();
                Map<String, GgmlType> ours = new TreeMap<>();
                try {
                    List<GgmlType> chosen = TypeChooser.choose(opened.header(), options);
                    List<TensorInfo> tensors = opened.header().tensors();
                    IntStream.range(0, chosen.size())
                            .forEach(i -> ours.put(tensors.get(i).name(), chosen.get(i)));
                } catch (UnsupportedTypeException e) {
                    assertThat(e).hasMessageContaining("row length");
                    continue;
                }
                assertThat(ours).as(name + " " + fileType).isEqualTo(NativeQuantizer.dryRun(model, options));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void hasTheBytesOfLlamaQuantizeAndRuns(String name) throws IOException {
        Path sft = Path.of(System.getProperty(MODELS), "1", name);
        Path aligned = Path.of(System.getProperty(MODELS), "2", name);
        Path output = directory.resolve(name); // whose name an abort would tell
        PlanOptions options =
                PlanOptions.builder().alpha(ALPHA).fileType(FileType.Q4_K_M).build();
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            if (name.startsWith(SCALED)) {
                assertThatThrownBy(() -> pair.write(options, output, OutputOptions.defaults()))
                        .isInstanceOf(UnsupportedTypeException.class)
                        .hasMessageContaining("with a scale in a tensor of its own");
                RESULTS.computeIfAbsent("are refused for their scales", _ -> new TreeSet<>())
                        .add(name.replace(".gguf", ""));
                return;
            }
            pair.write(options, output, OutputOptions.defaults());
        }
        Path computed = ParityCheck.computeIndependently(sft, aligned, ALPHA, directory.resolve("computed.gguf"));
        Path expected = directory.resolve("expected.gguf");
        NativeQuantizer.quantize(computed, expected, options);
        ParityCheck.compareTensors(name, output, expected, aligned, computed);
        verifiesACopy(output, sft, aligned);
        String result = run(output);
        if (result.equals(QUANTIZED_NORMS)) {
            PlanOptions mended = options.toBuilder()
                    .tensorTypes(List.of(TensorTypeRule.parse("norm=f32")))
                    .build();
            try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
                pair.write(mended, output, OutputOptions.defaults().withForce(true));
            }
            assertThat(run(output)).isEqualTo("give finite logits");
        }
        RESULTS.computeIfAbsent(result, _ -> new TreeSet<>()).add(name.replace(".gguf", ""));
    }

    /** That llama-quantize made, which Ollama lets every import go through. */
    private void verifiesACopy(Path output, Path sft, Path aligned) throws IOException {
        Path copy = directory.resolve("copy.gguf");
        NativeQuantizer.copy(output, copy, false);
        VerificationReport report = Verifier.verify(copy, Ingredients.pair(sft, aligned), WorkOptions.defaults());
        assertThat(report.findings()).as(output.toString()).isEmpty();
        assertThat(report.checks().values()).as(output.toString()).containsOnly(Check.Outcome.PASSED);
    }

    private static String run(Path file) throws IOException {
        String architecture;
        try (GgufModel model = GgufModel.open(file)) {
            architecture = model.header().metadata().architecture();
        }
        if (architecture.equals(WITHOUT_FITTING_SHAPES)) {
            return "were not run";
        }
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults());
                LlamaContext context = LlamaContext.open(
                        model, ContextOptions.defaults().withContextTokens(64).withThreads(1))) {
            for (float logit : context.logits(TOKENS)) {
                assertThat(logit).as(file.toString()).isFinite();
            }
            return "give finite logits";
        } catch (InferenceException e) {
            if (DRAFTS.contains(architecture)) {
                assertThat(e).hasMessageContaining("is a draft model");
                return "are refused as draft models";
            }
            if (NORMS_WITH_OTHER_NAMES.contains(architecture)) {
                assertThat(e).hasMessageContaining("which llama.cpp cannot compute with, expected F32");
                return QUANTIZED_NORMS;
            }
            assertThat(e).hasMessageContaining("expected one that only decodes text");
            return "load, and do not only decode text";
        }
    }
}
