package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were made with rules. */
class AlphaRulesRunTest {

    private static final TinyModel MODEL =
            TinyModels.llama(Sizes.of(2, 256, 256, 4, 2)).withMatrices(GgmlType.Q8_0);

    @TempDir
    Path directory;

    private Path sft;
    private Path aligned;

    @BeforeEach
    void writePair() {
        sft = MODEL.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        TensorValues changed = TensorValues.near(TensorValues.random(1), 2);
        aligned = MODEL.write(
                directory.resolve("aligned.gguf"),
                tensor -> (tensor.name().contains("ffn") ? TensorValues.random(1) : changed).of(tensor));
    }

    private static PlanOptions options(float alpha, String... rules) {
        return PlanOptions.builder()
                .alpha(alpha)
                .alphaRules(Stream.of(rules).map(TensorAlphaRule::parse).toList())
                .build();
    }

    private static byte[] bytes(Path file, String tensor) throws IOException {
        try (GgufModel model = GgufModel.open(file);
                Arena arena = Arena.ofConfined()) {
            TensorInfo info = model.header().tensors().stream()
                    .filter(any -> any.name().equals(tensor))
                    .findFirst()
                    .orElseThrow();
            MemorySegment bytes = arena.allocate(info.byteCount());
            model.read(info, 0, bytes);
            return bytes.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void everyTensorIsAsInAModelOfItsAlphaAndTheFileProvesIt() throws IOException {
        Path whole = directory.resolve("whole.gguf");
        Path half = directory.resolve("half.gguf");
        Path ruled = directory.resolve("ruled.gguf");
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            pair.write(options(0.8f), whole, OutputOptions.defaults());
            pair.write(options(0.4f), half, OutputOptions.defaults());
            pair.write(options(0.8f, "attn_q=*0.5", "attn_k=0.4", "norm=copy"), ruled, OutputOptions.defaults());
        }

        assertThat(bytes(ruled, "blk.1.attn_q.weight")).isEqualTo(bytes(half, "blk.1.attn_q.weight"));
        assertThat(bytes(ruled, "blk.1.attn_k.weight")).isEqualTo(bytes(half, "blk.1.attn_k.weight"));
        assertThat(bytes(ruled, "blk.1.attn_v.weight")).isEqualTo(bytes(whole, "blk.1.attn_v.weight"));
        assertThat(bytes(ruled, "output_norm.weight")).isEqualTo(bytes(aligned, "output_norm.weight"));
        assertThat(bytes(ruled, "output_norm.weight")).isNotEqualTo(bytes(whole, "output_norm.weight"));
        VerificationReport report = Verifier.verify(ruled, Ingredients.pair(sft, aligned), WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
    }

    @Test
    void identicalTensorsAreFoundForEveryOutputOfAPass() throws IOException {
        Path zero = directory.resolve("zero.gguf");
        Path one = directory.resolve("one.gguf");
        PlanOptions first = options(0, "attn=0.5").withFileType(FileType.Q8_0);
        List<ExpoReport> reports;
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            reports = pair.writeAll(
                    List.of(new Extrapolator.Output(first, zero), new Extrapolator.Output(first.withAlpha(1), one)),
                    OutputOptions.defaults());
        }

        assertThat(reports.get(1).identical()).contains("blk.0.ffn_up.weight").hasSize(8);
        assertThat(bytes(one, "blk.0.ffn_up.weight")).isEqualTo(bytes(aligned, "blk.0.ffn_up.weight"));
    }
}
