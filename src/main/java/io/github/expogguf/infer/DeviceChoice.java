package io.github.expogguf.infer;

import io.github.expogguf.ComputeBackend;
import io.github.expogguf.ComputeDevice;
import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_model_params;
import io.github.expogguf.nativelib.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Where the layers of a model go.
 *
 * @param there  all devices, in ggml's order
 * @param chosen indices of those that were named; empty if it is llama.cpp that chooses among the GPUs
 */
record DeviceChoice(LoadOptions options, List<ComputeDevice> there, List<Integer> chosen) {

    /**
     * Holds what is asked for against what there is; loads the backends.
     *
     * @throws InferenceException if a GPU that is asked for is not there
     */
    static DeviceChoice of(LoadOptions options) {
        NativeLibrary library = NativeLibrary.load();
        List<ComputeBackend> backends = library.startBackends();
        List<ComputeDevice> there = library.devices();
        List<Integer> chosen = new ArrayList<>();
        if (options.devices().isEmpty() && options.gpuLayers() > 0 && !hasGpu(there)) {
            throw new InferenceException("there is no GPU to keep layers on: " + describe(there, backends));
        }
        for (String name : options.devices()) {
            if (!name.equals(LoadOptions.NO_DEVICE)) {
                chosen.add(IntStream.range(0, there.size())
                        .filter(i -> there.get(i).isGpu() && there.get(i).name().equalsIgnoreCase(name))
                        .findFirst()
                        .orElseThrow(() -> new InferenceException(
                                "there is no GPU of the name '" + name + "': " + describe(there, backends))));
            }
        }
        return new DeviceChoice(options, there, chosen);
    }

    private static boolean hasGpu(List<ComputeDevice> devices) {
        return devices.stream().anyMatch(ComputeDevice::isGpu);
    }

    private static String describe(List<ComputeDevice> there, List<ComputeBackend> backends) {
        if (hasGpu(there)) {
            return "the GPUs are "
                    + there.stream()
                            .filter(ComputeDevice::isGpu)
                            .map(device -> device.name() + " (" + device.description() + ")")
                            .collect(Collectors.joining(", "));
        }
        return "the devices are "
                + there.stream()
                        .map(device -> device.name() + " (" + device.description() + ")")
                        .collect(Collectors.joining(", "))
                + ", the backends "
                + backends.stream().map(ComputeBackend::toString).collect(Collectors.joining("; "))
                + ". A GPU needs its driver, and its backend beside the libraries, which the artifacts"
                + " natives-linux-x64-vulkan and natives-linux-x64-cuda bring";
    }

    /** Tells llama.cpp, for as long as the arena is open. */
    void set(MemorySegment parameters, Arena arena) {
        llama_model_params.n_gpu_layers(parameters, options.gpuLayers());
        if (!options.devices().isEmpty()) { // a list that NULL ends
            MemorySegment list = arena.allocate(ValueLayout.ADDRESS, chosen.size() + 1L);
            for (int i = 0; i < chosen.size(); i++) {
                list.setAtIndex(ValueLayout.ADDRESS, i, Llama.ggml_backend_dev_get(chosen.get(i)));
            }
            llama_model_params.devices(parameters, list);
        }
    }

    /** Memory that is not the machine's and may be used. */
    long gpuBytes() {
        if (options.gpuLayers() == 0) {
            return 0;
        }
        List<ComputeDevice> used = options.devices().isEmpty()
                ? there
                : chosen.stream().map(there::get).toList();
        return used.stream()
                .filter(device -> device.kind() == ComputeDevice.Kind.GPU)
                .mapToLong(ComputeDevice::totalBytes)
                .sum();
    }
}
