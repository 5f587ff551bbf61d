package io.github.expogguf.cli.option;

import io.github.expogguf.ComputeDevice;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.nativelib.NativeLibrary;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where models are kept; names and meaning are llama.cpp's. */
public final class GpuFlags {

    private static final String NAMES = "--device";

    @Option(
            names = {"-ngl", "--gpu-layers", "--n-gpu-layers"},
            paramLabel = "N",
            order = 51,
            converter = ToLayers.class,
            description = "Layers of the model to keep on GPUs, or all, which fails without a GPU. Default: auto, all"
                    + " where there is one.")
    private int layers = LoadOptions.AUTO;

    @Option(
            names = {"-dev", NAMES},
            paramLabel = "NAME",
            split = ",",
            order = 52,
            description = "GPUs to use, by the names that version lists; none for the processor alone. Default: all.")
    private List<String> devices = List.of();

    /**
     * How models are loaded; loads the libraries where a GPU is asked for, which has to be there.
     *
     * @throws io.github.expogguf.InferenceException if it is not
     */
    public LoadOptions options(BaseCommand command) throws IOException {
        LoadOptions options = command.checked(() -> {
            try {
                return LoadOptions.defaults().withGpuLayers(layers).withDevices(devices);
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException("--gpu-layers, " + NAMES + ": " + wrong.getMessage(), wrong);
            }
        });
        if (layers > 0 || !devices.isEmpty()) {
            LlamaModel.requireDevices(options);
        }
        return options;
    }

    /** The GPUs that models may lie on, where there are any; the libraries are loaded. */
    public Optional<String> inUse() {
        String gpus = NativeLibrary.load().devices().stream()
                .filter(ComputeDevice::isGpu)
                .filter(device -> devices.isEmpty() || devices.stream().anyMatch(device.name()::equalsIgnoreCase))
                .map(ComputeDevice::toString)
                .collect(Collectors.joining(", "));
        return gpus.isEmpty()
                ? Optional.empty()
                : Optional.of((layers < 0 || layers == LoadOptions.ALL ? "all" : layers) + " layers on " + gpus);
    }

    /** A number of layers, or a word of llama.cpp's for one. */
    static final class ToLayers implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return switch (text) {
                case "auto" -> LoadOptions.AUTO;
                case "all" -> LoadOptions.ALL;
                default -> {
                    if (!text.matches("[0-9]{1,9}")) {
                        throw new TypeConversionException("'" + text + "' is not a number of layers, all or auto");
                    }
                    yield Integer.parseInt(text);
                }
            };
        }
    }
}
