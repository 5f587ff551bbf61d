package io.github.expogguf.infer.load;

import io.github.expogguf.bindings.llama_model_kv_override;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.KeyValueOverride;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Overridden metadata, as llama.cpp takes it beside a file ({@code llama_model_kv_override}, llama.h v0.5.0). */
public final class NativeOverrides {

    private static final int INT = 0; // enum llama_model_kv_override_type
    private static final int FLOAT = 1;
    private static final int BOOL = 2;
    private static final int STR = 3;

    private NativeOverrides() {}

    /** The metadata as it is with the overrides. */
    public static Metadata apply(Metadata metadata, List<KeyValueOverride> overrides) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        overrides.forEach(override -> values.put(override.key(), override.value()));
        return new Metadata(values);
    }

    /** An array that ends with an empty key. Texts that llama.cpp has no room for (127 bytes) are left out. */
    public static MemorySegment allocate(List<KeyValueOverride> overrides, Arena arena) {
        MemorySegment array = llama_model_kv_override.allocateArray(overrides.size() + 1L, arena);
        array.fill((byte) 0);
        long count = 0;
        for (KeyValueOverride override : overrides) {
            MemorySegment entry = llama_model_kv_override.asSlice(array, count);
            if (putValue(entry, override.value()) && putString(llama_model_kv_override.key(entry), override.key())) {
                count++;
            }
        }
        llama_model_kv_override.asSlice(array, count).fill((byte) 0);
        return array;
    }

    private static boolean putValue(MemorySegment entry, MetadataValue value) {
        return switch (value.type()) { // what a KeyValueOverride may be
            case UINT32 -> {
                llama_model_kv_override.tag(entry, INT);
                llama_model_kv_override.val_i64(entry, value.asLong());
                yield true;
            }
            case FLOAT32 -> {
                llama_model_kv_override.tag(entry, FLOAT);
                llama_model_kv_override.val_f64(entry, value.asDouble());
                yield true;
            }
            case BOOL -> {
                llama_model_kv_override.tag(entry, BOOL);
                llama_model_kv_override.val_bool(entry, value.asBoolean());
                yield true;
            }
            default -> {
                llama_model_kv_override.tag(entry, STR);
                yield putString(llama_model_kv_override.val_str(entry), value.asString());
            }
        };
    }

    private static boolean putString(MemorySegment target, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= target.byteSize()) {
            return false;
        }
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, 0, bytes.length);
        return true;
    }
}
