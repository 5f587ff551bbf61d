package io.github.expogguf.corpus;

import java.util.List;
import java.util.stream.Stream;

/** All cases. */
public final class Corpus {

    private Corpus() {}

    /** Every case, by section. */
    public static List<BadInput> all() {
        return Stream.of(
                        BadFile.values(),
                        BadHeader.values(),
                        LargestHeader.values(),
                        BadMetadata.values(),
                        BadTensorTable.values(),
                        BadData.values(),
                        PublishedAttack.values(),
                        BadSplitSet.values(),
                        OddButValid.values(),
                        BadAdapter.values(),
                        BadFolder.values(),
                        BadRecipe.values(),
                        BadWrittenRecipe.values(),
                        BadImatrix.values(),
                        BadTemplate.values(),
                        BadText.values())
                .<BadInput>flatMap(Stream::of)
                .toList();
    }

    /** The single GGUF files that the reader refuses. */
    public static Stream<BytesCase> rejectedFiles() {
        return all().stream()
                .filter(input -> input instanceof BytesCase && input.exitCode() != 0)
                .map(BytesCase.class::cast);
    }
}
