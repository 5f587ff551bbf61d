package io.github.expogguf.corpus;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** LoRA adapters for a model whose {@code token_embd.weight} is of 256x4. */
public enum BadAdapter implements BadInput {
    MODEL_AS_ADAPTER("general.type is 'model', expected 'adapter'", 4, file -> file.put("general.type", text("model"))),
    TYPE_MISSING("general.type is '', expected 'adapter'", 4, file -> file.values.remove("general.type")),
    TYPE_THAT_IS_EMPTY("general.type is '', expected 'adapter'", 4, file -> file.put("general.type", text(""))),
    CONTROL_VECTOR(
            "adapter.type is 'control_vector', expected 'lora'",
            4,
            file -> file.put("adapter.type", text("control_vector"))),
    TYPE_OF_ESCAPE_SEQUENCES(
            "adapter.type is '\\x1b[2J\\u{202e}', expected 'lora'",
            4,
            file -> file.put("adapter.type", text("\33[2J\u202e"))),
    OTHER_ARCHITECTURE(
            "general.architecture is 'qwen2', expected 'llama'",
            4,
            file -> file.put("general.architecture", text("qwen2"))),
    MODEL_WITH_AN_ALPHA_THAT_IS_AN_INTEGER("adapter.lora.alpha is of type UINT32, expected FLOAT32", 4, file -> {
        file.put("general.type", text("model"));
        file.setAlpha(MetadataValue.ofUint32(8));
    }),
    MODEL_WITH_AN_ALPHA_THAT_IS_A_TEXT("adapter.lora.alpha is of type STRING, expected FLOAT32", 4, file -> {
        file.put("general.type", text("model"));
        file.setAlpha(text("8"));
    }),
    ALPHA_NAN(
            "adapter.lora.alpha is NaN, expected a finite",
            4,
            file -> file.setAlpha(MetadataValue.ofFloat32(Float.NaN))),
    ALPHA_INFINITE(
            "adapter.lora.alpha is -Infinity",
            4,
            file -> file.setAlpha(MetadataValue.ofFloat32(Float.NEGATIVE_INFINITY))),
    ALPHA_THAT_OVERFLOWS("NaN or infinity", 3, file -> {
        file.setAlpha(MetadataValue.ofFloat32(Float.MAX_VALUE));
        file.setAll(Float.MAX_VALUE);
    }),
    INVOCATION_TOKENS(
            "active after its invocation tokens only",
            3,
            file -> file.put("adapter.alora.invocation_tokens", MetadataValue.ofInt32s(1, 2))),
    NO_TENSORS("it changes no tensor", 4, file -> file.tensors.clear()),
    NO_A("tensor 'token_embd.weight' has no .lora_a", 4, file -> file.tensors.removeFirst()),
    NO_B("tensor 'token_embd.weight' has no .lora_b", 4, file -> file.tensors.removeLast()),
    NEITHER_A_NOR_B("tensor 'x' is neither .lora_a nor .lora_b", 4, file -> file.add("x", GgmlType.F32, 4)),
    NAME_THAT_IS_ONLY_A_SUFFIX("tensor '' has no .lora_b", 4, file -> file.add(".lora_a", GgmlType.F32, 4)),
    TENSOR_THAT_THE_MODEL_LACKS(
            "tensor 'y' is not in the model",
            4,
            file -> file.add("y.lora_a", GgmlType.F32, 4, 2).add("y.lora_b", GgmlType.F32, 4, 2)),
    TENSOR_OF_ESCAPE_SEQUENCES(
            "tensor '\\x1b[2J\\u{202e}' is not in the model",
            4,
            file -> file.add("\33[2J\u202e.lora_a", GgmlType.F32, 4).add("\33[2J\u202e.lora_b", GgmlType.F32, 4)),
    RANKS_THAT_DIFFER("do not multiply to F16 256x4", 4, file -> file.replace("a", GgmlType.F32, 3, 4)),
    ROWS_THAT_DIFFER("do not multiply to F16 256x4", 4, file -> file.replace("a", GgmlType.F32, 2, 5)),
    COLUMNS_THAT_DIFFER("do not multiply to F16 256x4", 4, file -> file.replace("b", GgmlType.F32, 2, 255)),
    HALVES_THE_OTHER_WAY_ROUND("do not multiply to F16 256x4", 4, file -> {
        file.replace("a", GgmlType.F32, 4, 2);
        file.replace("b", GgmlType.F32, 256, 2);
    }),
    STACK_FOR_A_MATRIX("do not multiply to F16 256x4", 4, file -> file.replace("a", GgmlType.F32, 2, 4, 2)),
    VECTORS("do not multiply to F16 256x4", 4, file -> {
        file.replace("a", GgmlType.F32, 4);
        file.replace("b", GgmlType.F32, 256);
    }),
    RANK_OF_20000("is too large for the factor of an adapter", 3, file -> {
        file.replace("a", GgmlType.Q8_0, 20_000, 4);
        file.replace("b", GgmlType.Q8_0, 20_000, 256);
    }),
    WHOLE_TENSOR_OF_ANOTHER_LENGTH(
            "tensor 'output_norm.weight' is F32 255, in the model F32 256",
            4,
            file -> file.add("output_norm.weight", GgmlType.F32, 255)),
    WHOLE_TENSOR_AND_FACTORS(
            "tensor 'token_embd.weight' is there as a whole and in factors",
            4,
            file -> file.add("token_embd.weight", GgmlType.F32, 256, 4)),
    INTEGERS("which ggml cannot turn into 32-bit floats", 3, file -> file.replace("a", GgmlType.I32, 2, 4)),
    VALUES_NAN("NaN", 3, file -> file.setAll(Float.NaN)),
    VALUES_INFINITE("token_embd.weight", 3, file -> file.setAll(Float.POSITIVE_INFINITY)),
    PRODUCT_THAT_OVERFLOWS("token_embd.weight", 3, file -> file.setAll(3e38f)),
    CUT_OFF_IN_THE_HEADER("adapter.gguf", 3, file -> file.bytes = 100),
    CUT_OFF_IN_THE_DATA("adapter.gguf", 3, file -> file.bytes = 700),
    NO_BYTES("adapter.gguf", 3, file -> file.bytes = 0);

    private final String words;
    private final int exitCode;
    private final Consumer<Contents> change;

    BadAdapter(String words, int exitCode, Consumer<Contents> change) {
        this.words = words;
        this.exitCode = exitCode;
        this.change = change;
    }

    private static MetadataValue text(String value) {
        return MetadataValue.ofString(value);
    }

    /** An adapter of rank 2, to be made worse. */
    private static final class Contents {
        private final Map<String, MetadataValue> values = new LinkedHashMap<>();
        private final List<TensorData> tensors = new ArrayList<>();
        private int bytes = Integer.MAX_VALUE;

        private Contents() {
            put("general.architecture", text("llama"));
            put("general.type", text("adapter"));
            put("adapter.type", text("lora"));
            setAlpha(MetadataValue.ofFloat32(2));
            add("token_embd.weight.lora_a", GgmlType.F32, 2, 4);
            add("token_embd.weight.lora_b", GgmlType.F32, 2, 256);
        }

        private void put(String key, MetadataValue value) {
            values.put(key, value);
        }

        private void setAlpha(MetadataValue value) {
            put("adapter.lora.alpha", value);
        }

        private Contents add(String name, GgmlType type, long... dimensions) {
            tensors.add(tensor(name, type, dimensions));
            return this;
        }

        private static TensorData tensor(String name, GgmlType type, long... dimensions) {
            Shape shape = new Shape(dimensions);
            long rows = Arrays.stream(dimensions).skip(1).reduce(1, Math::multiplyExact);
            return new TensorData(name, type, shape, new byte[Math.toIntExact(type.rowBytes(dimensions[0]) * rows)]);
        }

        private void replace(String half, GgmlType type, long... dimensions) {
            String name = "token_embd.weight.lora_" + half;
            tensors.replaceAll(tensor -> tensor.name().equals(name) ? tensor(name, type, dimensions) : tensor);
        }

        private void setAll(float value) {
            for (TensorData tensor : tensors) {
                ByteBuffer floats = ByteBuffer.wrap(tensor.bytes()).order(ByteOrder.LITTLE_ENDIAN);
                while (floats.hasRemaining()) {
                    floats.putFloat(value);
                }
            }
        }
    }

    @Override
    public Kind kind() {
        return Kind.ADAPTER;
    }

    @Override
    public Path write(Path directory) throws IOException {
        Contents contents = new Contents();
        change.accept(contents);
        Path path = GgufWriter.writeFile(
                directory.resolve("adapter.gguf"), new Metadata(contents.values), contents.tensors);
        byte[] written = Files.readAllBytes(path);
        return Files.write(path, Arrays.copyOf(written, Math.min(written.length, contents.bytes)));
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
