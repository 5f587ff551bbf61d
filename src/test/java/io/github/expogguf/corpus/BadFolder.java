package io.github.expogguf.corpus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Folders of Hugging Face for a model whose {@code token_embd.weight} is of 256x4, and of PEFT for the same. */
public enum BadFolder implements BadInput {
    HEADER_OF_ALL_BITS("a header of 18446744073709551615 bytes", 3, folder -> folder.headerBytes = -1L),
    HEADER_BEHIND_THE_END("a header of 1000000 bytes, but the file ends", 3, folder -> folder.headerBytes = 1_000_000L),
    HEADER_OF_99_MEGABYTES("expected at most 20971520", 3, folder -> folder.headerBytes = 99_000_000L),
    HEADER_THAT_NESTS(
            "objects and arrays inside of each other", 3, folder -> folder.entry("\"a\":" + "[".repeat(100_000))),
    NAME_TWICE(
            "tensor 'model.norm.weight': is there twice",
            3,
            folder -> folder.entry(entry("model.norm.weight", "F32", "[0]", folder.end(), folder.end()))),
    NAME_OF_ESCAPE_SEQUENCES(
            "tensor '\\x1b[2J\\u{202e}': dtype is",
            3,
            folder -> folder.entry(entry("\\u001b[2J\\u202e", "X", "[0]", folder.end(), folder.end()))),
    NEGATIVE_SHAPE(
            "shape: element 0 is no whole number",
            3,
            folder -> folder.entry(entry("a", "F32", "[-1]", folder.end(), folder.end()))),
    SHAPE_THAT_OVERFLOWS(
            "has 2^63 bits or more",
            3,
            folder -> folder.entry(entry("a", "F32", "[4294967296,4294967296]", folder.end(), folder.end()))),
    MORE_DATA_THAN_THE_SHAPE("expected 4 for F32 [1]", 3, folder -> folder.tensor("a", "F32", "[1]", new byte[8])),
    OVERLAP(
            "where that of the tensor before ends",
            3,
            folder -> folder.entry(entry("a", "F32", "[1]", folder.end() - 4, folder.end()))),
    HOLE("where that of the tensor before ends", 3, folder -> {
        folder.entry(entry("a", "F32", "[1]", folder.end() + 4, folder.end() + 8));
        folder.data.add(new byte[8]);
    }),
    DATA_CUT_OFF("is the download complete?", 3, folder -> folder.data.removeLast()),
    DATA_LEFT_OVER("1 too many", 3, folder -> folder.data.add(new byte[1])),
    TYPE_THAT_IS_NONE("dtype is 'F33'", 3, folder -> folder.tensor("a", "F33", "[1]", new byte[4])),
    NAMES_OF_NOBODY("tensors are not explained", 4, folder -> {
        folder.entries.clear();
        folder.data.clear();
        folder.tensor("a", "F32", "[4,256]", new byte[4096]);
    }),
    WEIGHTS_NAN("'model.embed_tokens.weight' holds infinities or NaN", 3, folder -> {
        folder.data.set(0, filled(2 * 4 * 256, 0xFF));
    }),
    SCALES_NAN("'model.embed_tokens.weight' holds infinities or NaN", 3, folder -> {
        folder.eightBits();
        folder.tensor("model.embed_tokens.weight_scale", "F32", "[4]", filled(16, 0xFF));
    }),
    SCALES_OF_INTEGERS("expected floats", 3, folder -> {
        folder.eightBits();
        folder.tensor("model.embed_tokens.weight_scale", "I64", "[4]", new byte[32]);
    }),
    SCALES_OF_ANOTHER_SHAPE("do not go with", 3, folder -> {
        folder.eightBits();
        folder.tensor("model.embed_tokens.weight_scale", "F32", "[3,3]", new byte[36]);
    }),
    BLOCKS_OF_NOTHING("weight_block_size [0, 9999999999999]", 3, folder -> {
        folder.eightBits();
        folder.tensor("model.embed_tokens.weight_scale", "F32", "[2,2]", new byte[16]);
        folder.files.put("config.json", "{\"quantization_config\":{\"weight_block_size\":[0,9999999999999]}}");
    }),
    INTEGERS_OF_FOUR_BITS("its weights are quantized, by 'gptq', bits 4", 3, folder -> {
        folder.entries.clear();
        folder.data.clear();
        folder.tensor("model.layers.0.mlp.up_proj.qweight", "I32", "[1]", new byte[4]);
        folder.files.put("config.json", "{\"quantization_config\":{\"quant_method\":\"gptq\",\"bits\":4}}");
    }),
    INDEX_THAT_LEAVES_THE_FOLDER(
            "'../x.safetensors', expected the name of a file in the same folder",
            3,
            folder -> folder.index("../x.safetensors")),
    INDEX_FROM_THE_ROOT(
            "'/etc/x.safetensors', expected the name of a file in the same folder",
            3,
            folder -> folder.index("/etc/x.safetensors")),
    INDEX_OF_A_MISSING_FILE("is missing", 3, folder -> {
        folder.name = "model-00002-of-00009.safetensors";
        folder.index("model-00001-of-00009.safetensors");
    }),
    INDEX_OF_OTHER_TENSORS("does not agree with the files", 3, folder -> folder.index("model.safetensors")),
    INDEX_THAT_IS_A_LIST(
            "model.safetensors.index.json", 3, folder -> folder.files.put("model.safetensors.index.json", "[]")),
    CONFIG_THAT_NESTS(
            "objects and arrays inside of each other",
            3,
            folder -> folder.files.put("config.json", "{\"a\":" + "[".repeat(100_000))),
    CONFIG_THAT_IS_A_LIST("config.json: not a JSON object", 3, folder -> folder.files.put("config.json", "[]")),
    CONFIG_OF_NO_TEXT("config.json: not UTF-8 text", 3, folder -> folder.files.put("config.json", "{\"\u00ff\":1}")),
    CONFIG_CUT_OFF("config.json: not JSON", 3, folder -> folder.files.put("config.json", "{\"hidden_size\":")),

    PEFT_CONFIG_MISSING(
            "no adapter_config.json", 3, folder -> folder.adapter().files.remove("adapter_config.json")),
    PEFT_CONFIG_THAT_NESTS(
            "objects and arrays inside of each other",
            3,
            folder -> folder.adapter().files.put("adapter_config.json", "{\"a\":" + "{\"a\":".repeat(100_000))),
    PEFT_OF_ANOTHER_KIND(
            "peft_type is 'LOHA\\x1b', expected 'LORA'",
            3,
            folder -> folder.adapter().config("\"peft_type\":\"LOHA\\u001b\"")),
    PEFT_ALPHA_BEYOND_ALL(
            "lora_alpha is 1e999999, expected a number within the 32-bit floats",
            3,
            folder -> folder.adapter().config("\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":1e999999")),
    PEFT_RANK_ZERO(
            "r is 0, expected a whole number of 1 or more",
            3,
            folder -> folder.adapter().config("\"peft_type\":\"LORA\",\"r\":0,\"lora_alpha\":2")),
    PEFT_PATTERN_THAT_IS_NONE(
            "is no regular expression that can be used",
            3,
            folder -> folder.adapter()
                    .config("\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":2,\"rank_pattern\":{\"(a\":2}")),
    PEFT_DORA(
            "use_dora",
            3,
            folder -> folder.adapter().config("\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":2,\"use_dora\":true")),
    PEFT_HALF("has lora_embedding_A, expected lora_embedding_A and lora_embedding_B", 4, folder -> {
        folder.adapter().entries.removeLast();
        folder.data.removeLast();
    }),
    PEFT_OF_ANOTHER_MODEL("no tensor of the model is made of it", 4, folder -> {
        folder.adapter().entries.clear();
        folder.data.clear();
        folder.tensor("base_model.model.a.lora_A.weight", "F32", "[2,4]", new byte[32]);
        folder.tensor("base_model.model.a.lora_B.weight", "F32", "[4,2]", new byte[32]);
    });

    private final String words;
    private final int exitCode;
    private final Consumer<Contents> change;

    BadFolder(String words, int exitCode, Consumer<Contents> change) {
        this.words = words;
        this.exitCode = exitCode;
        this.change = change;
    }

    private static String entry(String name, String type, String shape, long begin, long end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(name, type, shape, begin, end);
    }

    private static byte[] filled(int count, int value) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** A folder that is good, to be made worse. */
    private static final class Contents {
        private final List<String> entries = new ArrayList<>();
        private final List<byte[]> data = new ArrayList<>();
        private final Map<String, String> files = new LinkedHashMap<>();
        private String name = "model.safetensors";
        private long headerBytes;

        private Contents() {
            tensor("model.embed_tokens.weight", "F16", "[4,256]", new byte[2 * 4 * 256]);
            tensor("model.norm.weight", "F32", "[256]", new byte[4 * 256]);
            files.put("config.json", "{\"architectures\":[\"LlamaForCausalLM\"]}");
        }

        private long end() {
            return data.stream().mapToLong(each -> each.length).sum();
        }

        private void entry(String text) {
            entries.add(text);
        }

        private void tensor(String tensor, String type, String shape, byte[] bytes) {
            entry(BadFolder.entry(tensor, type, shape, end(), end() + bytes.length));
            data.add(bytes);
        }

        /** The embedding in F8. */
        private void eightBits() {
            entries.clear();
            data.clear();
            tensor("model.embed_tokens.weight", "F8_E4M3", "[4,256]", filled(4 * 256, 0x38));
            tensor("model.norm.weight", "F32", "[256]", new byte[4 * 256]);
        }

        private void index(String file) {
            files.put("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"" + file + "\"}}");
        }

        private Contents adapter() {
            entries.clear();
            data.clear();
            files.clear();
            name = "adapter_model.safetensors";
            String module = "base_model.model.model.embed_tokens.lora_embedding_";
            tensor(module + "A", "F32", "[2,4]", new byte[32]);
            tensor(module + "B", "F32", "[256,2]", new byte[2048]);
            config("\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":2");
            return this;
        }

        private void config(String members) {
            files.put("adapter_config.json", "{" + members + "}");
        }

        private void write(Path folder) throws IOException {
            String header = "{" + String.join(",", entries) + "}";
            byte[] text = header.getBytes(StandardCharsets.UTF_8);
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(8 + text.length + end()))
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.putLong(headerBytes == 0 ? text.length : headerBytes).put(text);
            data.forEach(bytes::put);
            Files.write(folder.resolve(name), bytes.array());
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue(), StandardCharsets.ISO_8859_1);
            }
        }
    }

    @Override
    public Kind kind() {
        return name().startsWith("PEFT") ? Kind.PEFT_FOLDER : Kind.FOLDER;
    }

    @Override
    public Path write(Path directory) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("folder"));
        Contents contents = new Contents();
        change.accept(contents);
        contents.write(folder);
        return folder;
    }

    @Override
    public int exitCode() {
        return exitCode;
    }

    @Override
    public String words() {
        return words;
    }
}
