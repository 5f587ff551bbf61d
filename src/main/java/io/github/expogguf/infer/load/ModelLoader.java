package io.github.expogguf.infer.load;

import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_model_params;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.nativelib.NativeWork;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.thread.PlatformThreads;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/** Lets llama.cpp load models from files whose headers are checked before. */
public final class ModelLoader {

    public static final int LOAD_MODE_NONE = 0; // enum llama_load_mode, llama.h v0.5.0
    public static final int LOAD_MODE_MMAP = 1;

    private ModelLoader() {}

    /**
     * llama.cpp opens the files by their names again: what it read is what was checked if they have not changed since.
     */
    public static MemorySegment load(GgufModel checked, LoadControl control, Parameters options) throws IOException {
        MemorySegment pointer;
        try {
            pointer = loadNative(checked.header(), paths(checked), control, options);
        } catch (InferenceException failure) {
            checked.checkUnchangedAfter(failure);
            throw failure;
        }
        try {
            checked.checkUnchanged();
        } catch (IOException changed) {
            Llama.llama_model_free(pointer);
            throw changed;
        }
        return pointer;
    }

    /** Finds out whether llama.cpp can run a model, without reading its weights. */
    public static void requireLoadable(GgufModel model, List<KeyValueOverride> overrides) {
        requireLoadable(model.header(), paths(model), overrides, LoadControl.unheard());
    }

    /** The same of files whose header is given. */
    public static void requireLoadable(
            ModelHeader header, List<Path> shards, List<KeyValueOverride> overrides, LoadControl control) {
        Metadata metadata = NativeOverrides.apply(header.metadata(), overrides);
        ModelHeader overridden = new ModelHeader(header.name(), metadata, header.tensors());
        Llama.llama_model_free(loadNative(overridden, shards, control, (parameters, arena) -> {
            llama_model_params.load_mode(parameters, LOAD_MODE_NONE);
            llama_model_params.no_alloc(parameters, true);
            llama_model_params.kv_overrides(parameters, NativeOverrides.allocate(overrides, arena));
        }));
    }

    private static List<Path> paths(GgufModel model) {
        return model.files().stream().map(GgufFile::path).toList();
    }

    /** Says how a model is loaded. */
    @FunctionalInterface
    public interface Parameters {

        /** Sets some; the arena is open for as long as the model is loaded. */
        void set(MemorySegment parameters, Arena arena);
    }

    private static MemorySegment loadNative(
            ModelHeader header, List<Path> shards, LoadControl control, Parameters options) {
        ModelGuard.check(header.name(), header.metadata());
        TensorGuard.check(
                header.name(), header.tensors().stream().map(TensorSpec::of).toList());
        NativeLibrary.load().startBackends();
        return PlatformThreads.call(() -> loadNow(header, shards, control, options), control::interrupt);
    }

    private static MemorySegment loadNow(
            ModelHeader header, List<Path> shards, LoadControl control, Parameters options) {
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture messages = NativeLog.capture();
                NativeWork _ = NativeWork.begin(() -> header.name() + ": loading")) {
            MemorySegment parameters = Llama.llama_model_default_params(arena);
            options.set(parameters, arena);
            control.set(parameters, arena, header);
            MemorySegment pointer = loadNative(arena, shards, parameters);
            if (pointer.equals(MemorySegment.NULL)) {
                control.rethrow();
                throw new InferenceException(header.name() + ": llama.cpp cannot load this model: " + messages.text());
            }
            return pointer;
        }
    }

    private static MemorySegment loadNative(Arena arena, List<Path> shards, MemorySegment parameters) {
        if (shards.size() == 1) {
            return Llama.llama_model_load_from_file(pathString(arena, shards.getFirst()), parameters);
        }
        MemorySegment paths = arena.allocate(ValueLayout.ADDRESS, shards.size());
        for (int i = 0; i < shards.size(); i++) {
            paths.setAtIndex(ValueLayout.ADDRESS, i, pathString(arena, shards.get(i)));
        }
        return Llama.llama_model_load_from_splits(paths, shards.size(), parameters);
    }

    /** UTF-8 on every platform: llama.cpp converts it for Windows. */
    private static MemorySegment pathString(Arena arena, Path path) {
        return arena.allocateFrom(path.toAbsolutePath().toString());
    }
}
