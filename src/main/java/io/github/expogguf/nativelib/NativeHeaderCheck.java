package io.github.expogguf.nativelib;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.gguf_init_params;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The second opinion on a header: ggml's own reader must see in a file what {@link io.github.expogguf.gguf.GgufReader}
 * saw. Only files that the Java reader accepted may come here, since ggml's computes sizes with wrapping arithmetic.
 * Reads no tensor data. Any thread may call.
 */
public final class NativeHeaderCheck {

    private final GgufFile file;
    private final MemorySegment context; // gguf_context

    private NativeHeaderCheck(GgufFile file, MemorySegment context) {
        this.file = file;
        this.context = context;
    }

    /** Whether there is a ggml to ask. */
    public static boolean isPossible() {
        return NativeLibrary.loadIfAny().isPresent();
    }

    /**
     * Where it {@linkplain #isPossible can}, lets ggml read the header and compares version, alignment, data offset,
     * keys, and the name, type, shape, offset and size of every tensor.
     *
     * @param file what the Java reader made of the file
     * @throws GgufFormatException that names the first difference, or says that ggml's reader refuses the file
     * @throws IOException         if the file cannot be read
     */
    public static void check(GgufFile file) throws IOException {
        if (!isPossible()) {
            return;
        }
        try (Arena arena = Arena.ofConfined();
                NativeWork _ = NativeWork.begin(() -> file.path() + ": header")) {
            MemorySegment parameters = gguf_init_params.allocate(arena);
            gguf_init_params.no_alloc(parameters, true);
            gguf_init_params.ctx(parameters, MemorySegment.NULL);
            MemorySegment context = open(file, GgufReader.readBytes(file, arena), parameters);
            try {
                new NativeHeaderCheck(file, context).compare();
            } finally {
                Llama.gguf_free(context);
            }
        }
    }

    /** From memory, where ggml reads arrays several times as fast as from a file. */
    private static MemorySegment open(GgufFile file, MemorySegment start, MemorySegment parameters) {
        try (NativeLog.Capture said = NativeLog.captureQuietly()) { // the exception says it
            MemorySegment context = Llama.gguf_init_from_buffer(start, start.byteSize(), parameters);
            if (context.equals(MemorySegment.NULL)) {
                throw new GgufFormatException(
                        file.path(), -1, "ggml's own reader refuses the header: " + Escape.text(said.text()));
            }
            return context;
        }
    }

    /** Checks several files. */
    public static void check(List<GgufFile> files) throws IOException {
        for (GgufFile file : files) {
            check(file);
        }
    }

    private void compare() {
        require("version", file.version(), Llama.gguf_get_version(context));
        require("alignment", file.alignment(), Llama.gguf_get_alignment(context));
        compareKeys(List.copyOf(file.metadata().keys()));
        require("number of tensors", file.tensors().size(), Llama.gguf_get_n_tensors(context));
        for (int index = 0; index < file.tensors().size(); index++) {
            compareTensor(index, file.tensors().get(index));
        }
        require("data offset", file.dataOffset(), Llama.gguf_get_data_offset(context));
    }

    private void compareKeys(List<String> keys) {
        require("number of key/value pairs", keys.size(), Llama.gguf_get_n_kv(context));
        for (int index = 0; index < keys.size(); index++) {
            requireText("key", index, keys.get(index), Llama.gguf_get_key(context, index));
        }
    }

    private void compareTensor(int index, TensorInfo tensor) {
        requireText("name of tensor", index, tensor.name(), Llama.gguf_get_tensor_name(context, index));
        require(tensor, "type", tensor.type().id(), Llama.gguf_get_tensor_type(context, index));
        long[] dimensions = Llama.gguf_get_tensor_ne(context, index)
                .reinterpret(Shape.MAX_DIMENSIONS * ValueLayout.JAVA_LONG.byteSize())
                .toArray(ValueLayout.JAVA_LONG);
        for (int i = 0; i < dimensions.length; i++) {
            if (dimensions[i] != tensor.shape().dimension(i)) {
                throw difference(of(tensor, "dimension " + i), tensor.shape().dimension(i), dimensions[i]);
            }
        }
        require(tensor, "offset", tensor.offset(), Llama.gguf_get_tensor_offset(context, index));
        require(tensor, "bytes", tensor.byteCount(), Llama.gguf_get_tensor_size(context, index));
    }

    private void requireText(String what, int index, String ours, MemorySegment characters) {
        String theirs = characters.reinterpret(Long.MAX_VALUE).getString(0);
        if (!ours.equals(theirs)) {
            throw difference(what + " " + index, Escape.quote(ours), Escape.quote(theirs));
        }
    }

    private void require(TensorInfo tensor, String what, long ours, long theirs) {
        if (ours != theirs) {
            throw difference(of(tensor, what), ours, theirs);
        }
    }

    private static String of(TensorInfo tensor, String what) {
        return "tensor " + Escape.quote(tensor.name()) + ": " + what;
    }

    private void require(String what, long ours, long theirs) {
        if (ours != theirs) {
            throw difference(what, ours, theirs);
        }
    }

    private GgufFormatException difference(String what, Object ours, Object theirs) {
        return new GgufFormatException(
                file.path(), -1, what + " is " + ours + ", but " + theirs + " to ggml's own reader");
    }
}
