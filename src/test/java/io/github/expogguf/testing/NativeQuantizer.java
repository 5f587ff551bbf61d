package io.github.expogguf.testing;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.gguf_init_params;
import io.github.expogguf.bindings.llama_model_imatrix_data;
import io.github.expogguf.bindings.llama_model_kv_override;
import io.github.expogguf.bindings.llama_model_quantize_params;
import io.github.expogguf.bindings.llama_model_tensor_override;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorTypeRule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code llama_model_quantize} in this process: the oracle for types and bytes. Not thread-safe: llama.cpp has one
 * log.
 */
public final class NativeQuantizer {

    /** A line of the dry run; llama.cpp names no type where it stays. */
    private static final Pattern DECISION = Pattern.compile("\\[ *\\d+/ *\\d+] (.+?) +- \\[[^]]*], type = +(\\w+),\\s+"
            + "size = +[\\d.]+ MiB(?: -> +[\\d.]+ MiB \\((\\w+)\\))?");

    static {
        NativeLibrary.load();
    }

    private NativeQuantizer() {}

    /** llama.cpp refused; the message is its log. */
    public static final class Refused extends RuntimeException {
        private Refused(String log) {
            super(log);
        }
    }

    /**
     * Quantizes a file; the options must have a file type, and alpha has no effect.
     *
     * @throws Refused if llama.cpp returns an error
     */
    public static void quantize(Path source, Path target, PlanOptions options) {
        run(source, target, options, false);
    }

    /**
     * What {@code llama-quantize IN OUT COPY} does, which Ollama lets every import go through.
     *
     * @param keepSplit whether shards stay shards, with {@code --keep-split}; the target is without extension then
     * @throws Refused if llama.cpp returns an error
     */
    public static void copy(Path source, Path target, boolean keepSplit) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = Llama.llama_model_quantize_default_params(arena);
            llama_model_quantize_params.nthread(parameters, 1);
            llama_model_quantize_params.ftype(parameters, 0); // as quantize.cpp has it for COPY
            llama_model_quantize_params.only_copy(parameters, true);
            llama_model_quantize_params.keep_split(parameters, keepSplit);
            run(source, target, parameters);
        }
    }

    /**
     * The type that each tensor would get.
     *
     * @throws Refused if llama.cpp returns an error
     */
    public static Map<String, GgmlType> dryRun(Path source, PlanOptions options) {
        String log = run(source, source.resolveSibling("never-written.gguf"), options, true);
        Map<String, GgmlType> types = new TreeMap<>();
        Matcher matcher = DECISION.matcher(log);
        while (matcher.find()) {
            types.put(matcher.group(1), GgmlType.parse(matcher.group(matcher.group(3) == null ? 2 : 3)));
        }
        return types;
    }

    /** The type of each tensor of a file, as ggml's own reader sees it. */
    public static Map<String, GgmlType> types(Path file) {
        Map<String, GgmlType> types = new TreeMap<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = gguf_init_params.allocate(arena);
            gguf_init_params.no_alloc(parameters, true);
            gguf_init_params.ctx(parameters, MemorySegment.NULL);
            MemorySegment header = Llama.gguf_init_from_file(arena.allocateFrom(file.toString()), parameters);
            for (long i = 0; i < Llama.gguf_get_n_tensors(header); i++) {
                types.put(
                        Llama.gguf_get_tensor_name(header, i).getString(0),
                        GgmlType.byId(Llama.gguf_get_tensor_type(header, i)).orElseThrow());
            }
            Llama.gguf_free(header);
        }
        return types;
    }

    /** Packs values into a type; where ggml needs importances, all are 1. */
    public static byte[] pack(GgmlType type, Shape shape, float[] values) {
        try (Arena arena = Arena.ofConfined()) {
            float[] ones = new float[Math.toIntExact(shape.rowLength())];
            Arrays.fill(ones, 1);
            MemorySegment importance =
                    type.isQuantized() ? arena.allocateFrom(ValueLayout.JAVA_FLOAT, ones) : MemorySegment.NULL;
            long bytes = type.rowBytes(shape.rowLength()) * shape.rowCount();
            MemorySegment target = arena.allocate(bytes, 64);
            if (type.isInteger()) {
                return target.toArray(ValueLayout.JAVA_BYTE);
            }
            Llama.ggml_quantize_chunk(
                    type.id(),
                    arena.allocateFrom(ValueLayout.JAVA_FLOAT, values),
                    target,
                    0,
                    shape.rowCount(),
                    shape.rowLength(),
                    importance);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static String run(Path source, Path target, PlanOptions options, boolean dryRun) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = parameters(options, arena);
            llama_model_quantize_params.dry_run(parameters, dryRun);
            return run(source, target, parameters);
        }
    }

    private static String run(Path source, Path target, MemorySegment parameters) {
        try (Arena arena = Arena.ofConfined();
                LogCapture log = new LogCapture()) {
            int failure = Llama.llama_model_quantize(
                    arena.allocateFrom(source.toString()), arena.allocateFrom(target.toString()), parameters);
            if (failure != 0) {
                throw new Refused(log.text());
            }
            return log.text();
        }
    }

    /** All that llama.cpp says, from the logger that it is routed to. */
    private static final class LogCapture extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger(NativeLog.LOGGER);
        private final StringBuilder text = new StringBuilder();

        LogCapture() {
            logger.setLevel(Level.FINE); // what System.Logger calls DEBUG
            logger.setUseParentHandlers(false);
            logger.addHandler(this);
        }

        @Override
        public synchronized void publish(LogRecord message) {
            text.append(message.getMessage()).append('\n');
        }

        synchronized String text() {
            return text.toString();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
        }
    }

    private static MemorySegment parameters(PlanOptions options, Arena arena) {
        MemorySegment parameters = Llama.llama_model_quantize_default_params(arena);
        llama_model_quantize_params.nthread(parameters, 1);
        llama_model_quantize_params.ftype(
                parameters, options.fileType().orElseThrow().id());
        llama_model_quantize_params.allow_requantize(parameters, true);
        llama_model_quantize_params.quantize_output_tensor(parameters, !options.leaveOutputTensor());
        llama_model_quantize_params.pure(parameters, options.pure());
        options.outputTensorType()
                .ifPresent(type -> llama_model_quantize_params.output_tensor_type(parameters, type.id()));
        options.tokenEmbeddingType()
                .ifPresent(type -> llama_model_quantize_params.token_embedding_type(parameters, type.id()));
        options.imatrix()
                .ifPresent(imatrix -> llama_model_quantize_params.imatrix(parameters, imatrix(imatrix, arena)));
        if (!options.tensorTypes().isEmpty()) {
            llama_model_quantize_params.tt_overrides(parameters, tensorTypes(options.tensorTypes(), arena));
        }
        if (!options.overrides().isEmpty()) {
            llama_model_quantize_params.kv_overrides(parameters, overrides(options.overrides(), arena));
        }
        return parameters;
    }

    private static MemorySegment imatrix(Imatrix imatrix, Arena arena) {
        MemorySegment array =
                llama_model_imatrix_data.allocateArray(imatrix.tensors().size() + 1L, arena);
        array.fill((byte) 0); // the last has no name
        Iterator<String> names = imatrix.tensors().iterator();
        for (int i = 0; names.hasNext(); i++) {
            String name = names.next();
            float[] weights = imatrix.weights(name).orElseThrow();
            MemorySegment entry = llama_model_imatrix_data.asSlice(array, i);
            llama_model_imatrix_data.name(entry, arena.allocateFrom(name));
            llama_model_imatrix_data.data(entry, arena.allocateFrom(ValueLayout.JAVA_FLOAT, weights));
            llama_model_imatrix_data.size(entry, weights.length);
        }
        return array;
    }

    private static MemorySegment tensorTypes(List<TensorTypeRule> rules, Arena arena) {
        MemorySegment array = llama_model_tensor_override.allocateArray(rules.size() + 1L, arena);
        array.fill((byte) 0);
        for (int i = 0; i < rules.size(); i++) {
            MemorySegment entry = llama_model_tensor_override.asSlice(array, i);
            llama_model_tensor_override.pattern(
                    entry, arena.allocateFrom(rules.get(i).name().pattern()));
            llama_model_tensor_override.type(entry, rules.get(i).type().id());
        }
        return array;
    }

    private static MemorySegment overrides(List<KeyValueOverride> overrides, Arena arena) {
        MemorySegment array = llama_model_kv_override.allocateArray(overrides.size() + 1L, arena);
        array.fill((byte) 0);
        for (int i = 0; i < overrides.size(); i++) {
            KeyValueOverride override = overrides.get(i);
            MemorySegment entry = llama_model_kv_override.asSlice(array, i);
            putString(llama_model_kv_override.key(entry), override.key());
            switch (override.value().type()) { // llama_model_kv_override_type in llama.h
                case UINT32 -> {
                    llama_model_kv_override.tag(entry, 0);
                    llama_model_kv_override.val_i64(entry, override.value().asLong());
                }
                case FLOAT32 -> {
                    llama_model_kv_override.tag(entry, 1);
                    llama_model_kv_override.val_f64(entry, override.value().asDouble());
                }
                case BOOL -> {
                    llama_model_kv_override.tag(entry, 2);
                    llama_model_kv_override.val_bool(entry, override.value().asBoolean());
                }
                default -> {
                    llama_model_kv_override.tag(entry, 3);
                    putString(
                            llama_model_kv_override.val_str(entry),
                            override.value().asString());
                }
            }
        }
        return array;
    }

    private static void putString(MemorySegment target, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, 0, bytes.length);
    }
}
