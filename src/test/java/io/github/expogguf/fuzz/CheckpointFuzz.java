package io.github.expogguf.fuzz;

import io.github.expogguf.ExpoException;
import io.github.expogguf.convert.ConvertedModel;
import io.github.expogguf.convert.peft.PeftAdapter;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A stranger's folder of Hugging Face or of PEFT, one of whose files is any bytes: what is opened can be read to its
 * end, and everything else is a declared failure.
 */
public final class CheckpointFuzz {

    /** The file that the first byte of an input chooses; the others are good ones. */
    enum Part {
        WEIGHTS("model-00001-of-00001.safetensors", false),
        INDEX("model.safetensors.index.json", false),
        CONFIG("config.json", false),
        TOKENIZER("tokenizer.json", false),
        ADAPTER("adapter_model.safetensors", true),
        ADAPTER_CONFIG("adapter_config.json", true);

        private final String file;
        private final boolean isOfAdapter;

        Part(String file, boolean isOfAdapter) {
            this.file = file;
            this.isOfAdapter = isOfAdapter;
        }
    }

    private static final int ROWS = 6;
    private static final int COLUMNS = 32;
    private static final Path TEMPLATE = template();

    private CheckpointFuzz() {}

    /** A choice, and the bytes of the file. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        Part part = Part.values()[(data[0] & 0xFF) % Part.values().length];
        try {
            Path folder = Files.createDirectories(Scratch.path(part.isOfAdapter ? "adapter" : "checkpoint"));
            for (Part each : Part.values()) {
                if (each.isOfAdapter == part.isOfAdapter) {
                    Files.write(
                            folder.resolve(each.file),
                            each == part ? Arrays.copyOfRange(data, 1, data.length) : good(each));
                }
            }
            for (boolean isSame : new boolean[] {true, false}) {
                try (GgufModel template = GgufModel.open(TEMPLATE);
                        SourceModel model = part.isOfAdapter
                                ? PeftAdapter.open(folder, template.header())
                                : ConvertedModel.open(folder, template, isSame)) {
                    readAll(model);
                }
            }
        } catch (ExpoException declared) {
            // as it should be
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void readAll(SourceModel model) throws IOException {
        for (TensorInfo tensor : model.header().tensors()) {
            try (Arena arena = Arena.ofConfined()) {
                model.read(tensor, 0, arena.allocate(tensor.byteCount()));
            }
        }
    }

    /** The good contents of a file, for the seeds, too. */
    static byte[] good(Part part) {
        return switch (part) {
            case WEIGHTS -> weights();
            case INDEX ->
                text("{\"metadata\":{},\"weight_map\":{\"model.embed_tokens.weight\":\"" + Part.WEIGHTS.file
                        + "\",\"model.norm.weight\":\"" + Part.WEIGHTS.file
                        + "\",\"model.layers.0.mlp.down_proj.weight\":\"" + Part.WEIGHTS.file
                        + "\",\"model.layers.0.mlp.down_proj.weight_scale\":\"" + Part.WEIGHTS.file + "\"}}");
            case CONFIG ->
                text("{\"architectures\":[\"LlamaForCausalLM\"],\"num_attention_heads\":4,\"rope_theta\":10000.0,"
                        + "\"rms_norm_eps\":1e-05,\"quantization_config\":{\"quant_method\":\"fp8\","
                        + "\"weight_block_size\":[2,16]}}");
            case TOKENIZER ->
                text("{\"version\":\"1.0\",\"added_tokens\":[{\"id\":0,\"content\":\"<s>\"},{\"id\":5,\"content\":"
                        + "\"<|im_start|>\"}],\"model\":{\"vocab\":{\"a\":1},\"merges\":[]}}");
            case ADAPTER -> adapter();
            case ADAPTER_CONFIG ->
                text("{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"rank_pattern\":{\"k.*\":2},"
                        + "\"use_rslora\":true,\"target_modules\":[\"down_proj\"],\"fan_in_fan_out\":false}");
        };
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** An embedding in F16, a norm in F32, and a matrix in F8 with scales of blocks. */
    private static byte[] weights() {
        int embedding = 2 * ROWS * COLUMNS;
        int norm = 4 * COLUMNS;
        int matrix = 4 * COLUMNS;
        String header = "{\"model.embed_tokens.weight\":{\"dtype\":\"F16\",\"shape\":[6,32],\"data_offsets\":[0,384]},"
                + "\"model.norm.weight\":{\"dtype\":\"F32\",\"shape\":[32],\"data_offsets\":[384,512]},"
                + "\"model.layers.0.mlp.down_proj.weight\":{\"dtype\":\"F8_E4M3\",\"shape\":[4,32],"
                + "\"data_offsets\":[512,640]},"
                + "\"model.layers.0.mlp.down_proj.weight_scale\":{\"dtype\":\"F32\",\"shape\":[2,2],"
                + "\"data_offsets\":[640,656]}}";
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + embedding + norm + matrix + 16)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(text(header));
        for (int i = 0; i < ROWS * COLUMNS; i++) {
            bytes.putShort(Float.floatToFloat16(value(i)));
        }
        for (int i = 0; i < COLUMNS; i++) {
            bytes.putFloat(value(i));
        }
        for (int i = 0; i < matrix; i++) {
            bytes.put((byte) (0x30 + i % 8));
        }
        for (int i = 0; i < 4; i++) {
            bytes.putFloat(1);
        }
        return bytes.array();
    }

    private static byte[] adapter() {
        String module = "base_model.model.model.layers.0.mlp.down_proj.lora_";
        String header = "{\"" + module + "A.weight\":{\"dtype\":\"F32\",\"shape\":[2,32],\"data_offsets\":[0,256]},\""
                + module + "B.weight\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[256,288]}}";
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 288).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(text(header));
        while (bytes.hasRemaining()) {
            bytes.putFloat(0.5f);
        }
        return bytes.array();
    }

    private static float value(int i) {
        return 1 + i % 7 / 8f;
    }

    /** The same values. */
    private static Path template() {
        ByteBuffer embedding = ByteBuffer.allocate(4 * ROWS * COLUMNS).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < ROWS * COLUMNS; i++) {
            embedding.putFloat(value(i));
        }
        ByteBuffer norm = ByteBuffer.allocate(4 * COLUMNS).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < COLUMNS; i++) {
            norm.putFloat(value(i));
        }
        ByteBuffer matrix = ByteBuffer.allocate(4 * 4 * COLUMNS).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 4 * COLUMNS; i++) {
            matrix.putFloat(0.5f * (1 + i % 8 / 8f)); // exponent 6 - 7, mantissa in eighths
        }
        try {
            return GgufWriter.writeFile(
                    Scratch.path("template.gguf"),
                    new Metadata(Map.of(
                            "general.architecture", MetadataValue.ofString("llama"),
                            "llama.block_count", MetadataValue.ofUint32(1),
                            "llama.attention.head_count", MetadataValue.ofUint32(4),
                            "llama.rope.freq_base", MetadataValue.ofFloat32(10000),
                            "tokenizer.ggml.model", MetadataValue.ofString("gpt2"),
                            "tokenizer.ggml.tokens",
                                    MetadataValue.ofStrings(List.of("<s>", "a", "b", "c", "d", "<|im_start|>")),
                            "tokenizer.ggml.token_type", MetadataValue.ofInt32s(3, 1, 1, 1, 1, 3))),
                    List.of(
                            new TensorData(
                                    "token_embd.weight", GgmlType.F32, new Shape(COLUMNS, ROWS), embedding.array()),
                            new TensorData("output_norm.weight", GgmlType.F32, new Shape(COLUMNS), norm.array()),
                            new TensorData(
                                    "blk.0.ffn_down.weight", GgmlType.F32, new Shape(COLUMNS, 4), matrix.array())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
