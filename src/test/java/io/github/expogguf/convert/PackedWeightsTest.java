package io.github.expogguf.convert;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.safetensors.SafetensorsBytes;
import io.github.expogguf.testing.FolderFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders that are quantized in ways that are not read, with the names and settings that their writers give them. */
class PackedWeightsTest {

    @TempDir
    private Path directory;

    private Path folder(String tensor, String type, String config) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("packed"));
        String header = "{\"model.layers.0.self_attn.%s\":{\"dtype\":\"%s\",\"shape\":[4,8],\"data_offsets\":[0,%d]}}";
        int bytes = type.equals("I32") ? 128 : 32;
        Files.write(
                folder.resolve("model.safetensors"),
                SafetensorsBytes.file(header.formatted(tensor, type, bytes), bytes));
        Files.writeString(folder.resolve("config.json"), config);
        return folder;
    }

    private static void open(Path folder) throws IOException {
        try (GgufModel template = GgufModel.open(FolderFixture.of("llama").template());
                ConvertedModel model = ConvertedModel.open(folder, template, false)) {
            throw new AssertionError("was read: " + model.header());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "q_proj.qweight       | I32 | 'gptq', bits 4 | \"quant_method\":\"gptq\",\"bits\":4",
                "q_proj.qweight       | I32 | 'awq', bits 4 | \"quant_method\":\"awq\",\"bits\":4,\"zero_point\":true",
                "q_proj.weight        | U8  | 'bitsandbytes' | \"quant_method\":\"bitsandbytes\",\"load_in_4bit\":true",
                "q_proj.weight        | I8  | 'bitsandbytes' | \"quant_method\":\"bitsandbytes\",\"load_in_8bit\":true",
                "q_proj.weight_packed | I32 | 'compressed-tensors', format 'pack-quantized'"
                        + " | \"quant_method\":\"compressed-tensors\",\"format\":\"pack-quantized\"",
                "q_proj.weight_packed | U8  | 'compressed-tensors', format 'nvfp4-pack-quantized'"
                        + " | \"quant_method\":\"compressed-tensors\",\"format\":\"nvfp4-pack-quantized\"",
                "q_proj.weight        | I8  | 'compressed-tensors', format 'int-quantized'"
                        + " | \"quant_method\":\"compressed-tensors\",\"format\":\"int-quantized\"",
                "q_proj.weight        | U8  | 'modelopt', quant_algo 'NVFP4'"
                        + " | \"quant_method\":\"modelopt\",\"quant_algo\":\"NVFP4\"",
                "q_proj.weight        | U8  | 'bitnet' | \"quant_method\":\"bitnet\"",
                "q_proj.qweight       | I32 | GPTQ or AWQ | ``",
                "q_proj.weight        | U8  | packed integers | \"quant_method\":4"
            })
    void areRefusedByName(String tensor, String type, String name, String config) throws IOException {
        Path folder = folder(tensor, type, "{\"quantization_config\":{" + config + "}}");

        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage(folder + ": its weights are quantized, by " + name + ": 'model.layers.0.self_attn." + tensor
                        + "' of type " + type + " and shape [4, 8] is not read, F32, F16, BF16, F8 with its scales and"
                        + " gpt-oss's MXFP4 are; take the folder that it was quantized from, as that is published"
                        + " beside it");
    }

    @Test
    void othersAreOtherModels() throws IOException {
        Path folder = folder("rotary_emb.inv_freq", "I32", "{\"quantization_config\":{\"quant_method\":\"fp8\"}}");

        assertThatThrownBy(() -> open(folder)).isInstanceOf(ModelMismatchException.class);
    }
}
