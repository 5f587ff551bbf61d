package io.github.expogguf.cli.doctor;

import io.github.expogguf.ComputeDevice;
import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.report.VectorModule;
import io.github.expogguf.nativelib.MachineMemory;
import io.github.expogguf.nativelib.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What there is to compute with.
 *
 * @param vectorModule where the SIMD code stands
 * @param library      llama.cpp's libraries, where they could be loaded
 * @param libraryError why they could not
 * @param devices      what they compute on
 * @param memoryBytes  of the machine or the container; empty where nobody says
 * @param place        the directory that commands are typed in
 * @param placeBytes   room for what is written there; empty where nobody says
 * @param temporary    where files go for a while
 * @param tempBytes    room there; empty where nobody says
 * @param tempError    why nothing can be written there
 */
record Machine(
        VectorModule vectorModule,
        Optional<NativeLibrary> library,
        Optional<String> libraryError,
        List<ComputeDevice> devices,
        OptionalLong memoryBytes,
        Path place,
        OptionalLong placeBytes,
        Path temporary,
        OptionalLong tempBytes,
        Optional<String> tempError) {

    static Machine look(NativeFlags options) {
        Optional<NativeLibrary> library = Optional.empty();
        Optional<String> error = Optional.empty();
        List<ComputeDevice> devices = List.of();
        OptionalLong memory = OptionalLong.empty();
        try {
            NativeLibrary loaded = options.load();
            loaded.startBackends();
            devices = loaded.devices();
            memory = OptionalLong.of(MachineMemory.totalBytes());
            library = Optional.of(loaded);
        } catch (NativeLibraryException failure) {
            error = Optional.of(Failures.describe(failure));
        }
        Path here = Path.of("").toAbsolutePath();
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        return new Machine(
                VectorModule.find(),
                library,
                error,
                devices,
                memory,
                here,
                room(here),
                temporary,
                room(temporary),
                writeError(temporary));
    }

    private static OptionalLong room(Path place) {
        try {
            return OptionalLong.of(Files.getFileStore(place).getUsableSpace());
        } catch (IOException _) {
            return OptionalLong.empty();
        }
    }

    private static Optional<String> writeError(Path directory) {
        try {
            Path file = Files.createTempFile(directory, "expo-gguf", ".tmp");
            try {
                Files.write(file, new byte[1]);
            } finally {
                Files.delete(file);
            }
            return Optional.empty();
        } catch (IOException failure) {
            return Optional.of(Failures.describe(failure));
        }
    }
}
