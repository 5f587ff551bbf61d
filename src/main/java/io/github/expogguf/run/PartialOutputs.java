package io.github.expogguf.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The outputs of a run while they are written; closing before {@link #moveIntoPlace} leaves nothing of any. */
final class PartialOutputs implements AutoCloseable {

    private final List<PartialOutput> outputs = new ArrayList<>();

    PartialOutputs(List<PlannedOutput> planned, int chunkCount) throws IOException {
        try {
            for (PlannedOutput output : planned) {
                outputs.add(new PartialOutput(output.shards(), chunkCount));
            }
        } catch (Throwable e) {
            PartialFile.closeAll(outputs, e);
            throw e;
        }
    }

    PartialOutput get(int output) {
        return outputs.get(output);
    }

    void moveIntoPlace(boolean replace) throws IOException {
        for (PartialOutput output : outputs) {
            output.moveIntoPlace(replace);
        }
    }

    /** Removes the files when the process is about to end. */
    void deleteQuietly() {
        outputs.forEach(PartialOutput::deleteQuietly);
    }

    @Override
    public void close() throws IOException {
        PartialFile.closeAll(outputs);
    }
}
