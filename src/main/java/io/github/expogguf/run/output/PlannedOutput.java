package io.github.expogguf.run.output;

import io.github.expogguf.gguf.Shards;
import io.github.expogguf.plan.Plan;
import java.nio.file.Path;
import java.util.List;

/** One output, decided to the byte. */
public record PlannedOutput(Plan plan, Shards shards) {

    public List<Path> paths() {
        return shards.files().stream().map(Shards.Shard::path).toList();
    }
}
