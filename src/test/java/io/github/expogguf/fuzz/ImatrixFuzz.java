package io.github.expogguf.fuzz;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.imatrix.ImatrixReader;
import java.io.IOException;
import java.nio.file.Path;

/** Importance matrices of both formats are read, or refused as malformed; their weights are usable. */
public final class ImatrixFuzz {

    private ImatrixFuzz() {}

    /** Any bytes as a file; those that begin with GGUF's magic number are of the newer format. */
    public static void fuzzerTestOneInput(byte[] data) {
        Path path = Scratch.write("imatrix.dat", data);
        Bounds.check(() -> read(path));
    }

    private static void read(Path path) throws IOException {
        Imatrix imatrix;
        try {
            imatrix = ImatrixReader.read(path);
        } catch (GgufFormatException refusal) {
            return;
        }
        for (String tensor : imatrix.tensors()) {
            float[] weights = imatrix.weights(tensor).orElseThrow();
            for (float weight : weights) {
                if (!(weight >= 0 && weight <= Float.MAX_VALUE)) {
                    throw new IllegalStateException("weight " + weight);
                }
            }
        }
    }
}
