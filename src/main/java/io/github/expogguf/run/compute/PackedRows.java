package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Hands the workers the rows of a chunk as they are in the files. Any thread may call. */
public interface PackedRows {

    /**
     * The rows of a chunk in one tensor.
     *
     * @param model  number of the model among the inputs of the plan
     * @param tensor of that model, with the chunk's shape
     * @param buffer room for them; whether they are put there or stand elsewhere is not said
     * @return the rows and no more, to be read until the chunk is done
     */
    MemorySegment read(Chunk chunk, int model, TensorInfo tensor, MemorySegment buffer) throws IOException;

    /** All that is computed from a chunk is computed. */
    void done(Chunk chunk);

    /** Some chunks are never going to be done; nobody may wait for that. */
    void stop();

    /**
     * Those that are read from the files when they are asked for.
     *
     * @param models by the number that operands give them
     */
    static PackedRows ofFiles(List<SourceModel> models) {
        return new PackedRows() {
            @Override
            public MemorySegment read(Chunk chunk, int model, TensorInfo tensor, MemorySegment buffer)
                    throws IOException {
                MemorySegment bytes = buffer.asSlice(0, chunk.bytes(tensor.type()));
                models.get(model).read(tensor, chunk.offset(tensor.type()), bytes);
                return bytes;
            }

            @Override
            public void done(Chunk chunk) {}

            @Override
            public void stop() {}
        };
    }
}
