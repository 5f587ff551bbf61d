package io.github.expogguf.plan.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.testing.LoraFiles;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterSummaryTest {

    private static final TinyModel BASE = TinyModels.llama(Sizes.of(1, 64, 128, 4, 2));

    private static AdapterSummary summary(TinyModel adapter, float weight) {
        return AdapterSummary.of(adapter.header("lora.gguf"), weight).orElseThrow();
    }

    @Test
    void countsFactorsAndWholeTensorsWithoutTheBase() {
        TinyModel adapter = LoraFiles.adapter(BASE, 4, 8, GgmlType.F32, "blk.0.attn_q.weight", "token_embd.weight")
                .with("blk.0.ffn_up.weight.lora_a", GgmlType.F32, 64, 16)
                .with("blk.0.ffn_up.weight.lora_b", GgmlType.F32, 16, 128)
                .with("output_norm.weight", GgmlType.F32, 64);

        assertThat(summary(adapter, 0.5f))
                .isEqualTo(new AdapterSummary("lora.gguf", 0.5f, 8, 4, 16, 0.5, 2, false, 3, 1));
    }

    @Test
    void isEmptyForWhatIsNoAdapter() {
        assertThat(AdapterSummary.of(BASE.header("base.gguf"), 1)).isEmpty();
    }

    @Test
    void anAdapterOfWholeTensorsAloneHasNoScaleToDoubt() {
        TinyModel adapter = LoraFiles.adapter(BASE, 4, 0, GgmlType.F32).with("output_norm.weight", GgmlType.F32, 64);

        assertThat(summary(adapter, 1)).isEqualTo(new AdapterSummary("lora.gguf", 1, 0, 0, 0, 0, 0, false, 0, 1));
        assertThat(summary(adapter, 1).isDoubtful()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "16, 16, 1, false",
        "16, 64, 1, false", // as QLoRA was published with
        "32, 8, 1, false",
        "16, 65, 1, true",
        "33, 8, 1, true",
        "1, 256, 1, true",
        "1, 256, 256, false", // somebody thought of it
        "16, 256, -16, false",
        "-64, 8, 1, true",
        "-16, 16, 1, true", // subtracts
        "-16, 16, -1, false",
        "16, 16, 0.01, false",
        "0, 16, 1, true",
        "0, 16, 0.3, false",
    })
    void doubtsScalesThatAdaptersRarelyHave(float alpha, int rank, float weight, boolean doubtful) {
        assertThat(summary(LoraFiles.adapter(BASE, rank, alpha, GgmlType.F32, "output.weight"), weight)
                        .isDoubtful())
                .isEqualTo(doubtful);
    }
}
