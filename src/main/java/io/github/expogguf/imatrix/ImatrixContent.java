package io.github.expogguf.imatrix;

import io.github.expogguf.GgufFormatException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a file holds, whatever its format.
 *
 * @param unasked parts of tensors without inputs, where the file tells
 * @param remarks what is odd about it
 */
record ImatrixContent(
        Map<String, float[]> weights,
        Map<String, Imatrix.Unasked> unasked,
        List<String> datasets,
        long chunkCount,
        List<String> remarks) {

    /**
     * Refuses what no sum of squares can be; ggml aborts on some of these values.
     *
     * @param start where the values begin in the file
     */
    static void checkValues(Path path, long start, String what, float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= 0 && values[i] <= Float.MAX_VALUE)) {
                throw new GgufFormatException(
                        path,
                        start + (long) Float.BYTES * i,
                        what + ": value " + i + " is " + values[i] + ", expected a finite number from 0 up");
            }
        }
    }
}
