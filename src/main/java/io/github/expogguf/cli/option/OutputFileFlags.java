package io.github.expogguf.cli.option;

import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.work.OutputOptions;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that write a model. */
public final class OutputFileFlags {

    @Written(orDirectory = true)
    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            order = 10,
            converter = Converters.ToFileName.class,
            description = "File to write; {alpha} and {type} in it are replaced, and with shards -00001-of-0000N is put"
                    + " before its .gguf. A directory: the file gets a name after the GGUF naming convention.")
    private @Nullable String output;

    @ArgGroup(exclusive = true)
    private Shards shards = new Shards();

    /** At most one of them. */
    static final class Shards {
        @Option(
                names = "--split-max-size",
                paramLabel = "N(M|G)",
                order = 30,
                converter = Converters.ToShardBytes.class,
                description = "Write shards of at most this many megabytes or gigabytes.")
        private @Nullable Long maxBytes;

        @Option(names = "--keep-split", order = 31, description = "Write as many shards as the (aligned) model has.")
        private boolean keepSplit;
    }

    @Option(names = "--force", order = 41, description = "Replace an existing output.")
    private boolean force;

    @Mixin
    private UnfinishedFlags unfinished;

    @Option(
            names = "--reuse",
            paramLabel = "OLD",
            order = 45,
            description = "An output of an earlier run: tensors that would come out the same are copied from it, after"
                    + " their checksums, and not computed once more.")
    private @Nullable Path reuse;

    public boolean force() {
        return force;
    }

    /** Whether shards are asked for. */
    public boolean isSplit() {
        return shards.keepSplit || shards.maxBytes != null;
    }

    public Optional<String> output() {
        return Optional.ofNullable(output);
    }

    public OutputOptions outputOptions() {
        OutputOptions options = OutputOptions.defaults()
                .withForce(force)
                .withKeepSplit(shards.keepSplit)
                .withUnfinished(unfinished.unfinished());
        OutputOptions split = shards.maxBytes == null ? options : options.withSplitMaxBytes(shards.maxBytes);
        return reuse == null ? split : split.withReuse(reuse);
    }
}
