package io.github.expogguf.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a benchmark has moved; JMH reports it per second. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Traffic {

    /** Weights. */
    public long weights;

    /** Bytes read and bytes written, together. */
    public long bytes;

    /** Counts one call. */
    public void add(long moreWeights, long moreBytes) {
        weights += moreWeights;
        bytes += moreBytes;
    }

    @Setup(Level.Iteration)
    public void reset() {
        weights = 0;
        bytes = 0;
    }
}
