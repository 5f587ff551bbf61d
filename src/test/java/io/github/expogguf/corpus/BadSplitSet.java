package io.github.expogguf.corpus;

import static io.github.expogguf.gguf.GgufBytes.file;

import io.github.expogguf.gguf.GgufBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Sets of files that are not one; the first file is named. */
public enum BadSplitSet implements BadInput {
    SHARD_MISSING("shard 2 of 2 is missing; it belongs next to m-00001-of-00002.gguf", first(2)),
    SHARD_OF_65535_MISSING(
            "is shard 1 of 65535, but its name does not end in '-00001-of-65535.gguf'", first(2, 65_535)),
    SHARD_EMPTY("magic number needs 4 bytes, but the file ends after 0", first(2), new Raw(new byte[0])),
    SHARD_THAT_IS_NO_GGUF(
            "not a GGUF file: starts with 'oops', expected 'GGUF'",
            first(2),
            new Raw(GgufBytes.ascii("oops, no model"))),
    SHARD_CUT_OFF(
            "tensor 'b': data of 32 bytes at offset 0", first(2), shard(1, 2, 2).tensor("b", 0, 0, 8)),
    SHARD_OF_VERSION_1("GGUF version 1", first(2), second(2).version(1)),
    SHARD_WITH_A_BAD_ALIGNMENT(
            "alignment 7, expected a power of two", first(2), second(2).uint32("general.alignment", 7)),
    SHARDS_SWAPPED("is shard 2 of 2, but its name does not end in '-00002-of-00002.gguf'", second(2), first(2)),
    SHARD_TWICE("split.no is 0, expected 1", first(2), first(2)),
    TENSOR_IN_BOTH("tensor 'a' is in shard m-00001-of-00002.gguf as well", first(2), other("a", 1, 2, 2)),
    FEWER_TENSORS_THAN_SAID("the 2 shards hold 2 tensors, expected 3", first(3), second(3)),
    MORE_TENSORS_THAN_SAID("the 2 shards hold 2 tensors, expected 1", first(1), second(1)),
    NEGATIVE_NUMBER_OF_TENSORS("the 2 shards hold 2 tensors, expected -1", first(-1), second(-1)),
    COUNTS_OF_TENSORS_DIFFER("split.tensors.count is 5, expected 2", first(2), second(5)),
    COUNTS_OF_SHARDS_DIFFER(
            "split.count is 3, expected 2",
            first(2),
            shard(1, 3, 2).tensor("b", 0, 0, 8).data(32)),
    SECOND_STANDS_ALONE(
            "does not say that it is one of 2 shards",
            first(2),
            file().tensor("b", 0, 0, 8).data(32)),
    COUNT_OF_32_BITS("split.count is of type UINT32, expected UINT16", file().uint32("split.count", 2)),
    COUNT_THAT_IS_TEXT("split.count is of type STRING, expected UINT16", file().string("split.count", "2")),
    NUMBER_OF_32_BITS(
            "split.no is of type UINT32, expected UINT16",
            file().uint16("split.count", 2).uint32("split.no", 0)),
    NUMBER_MISSING("is one of several shards, but has no split.no", file().uint16("split.count", 2)),
    NUMBER_ABOVE_COUNT("split.no is 2, expected 0 to 1 (split.count 2)", shard(2, 2, 1)),
    TENSOR_COUNT_MISSING(
            "is one of several shards, but has no split.tensors.count",
            file().uint16("split.count", 2).uint16("split.no", 0)),
    TENSOR_COUNT_UNSIGNED(
            "split.tensors.count is of type UINT32, expected INT32",
            file().uint16("split.count", 2).uint16("split.no", 0).uint32("split.tensors.count", 1)),
    SECOND_WITHOUT_NUMBER(
            "is one of several shards, but has no split.no",
            first(2),
            file().uint16("split.count", 2).int32("split.tensors.count", 2)),
    HEADERS_LARGE_TOGETHER(
            "the headers of the shards so far have 2306",
            first(2).string("a", "x".repeat(11 << 20)),
            second(2).string("a", "x".repeat(11 << 20))),
    FIRST_RENAMED("is shard 1 of 2, but its name does not end in '-00001-of-00002.gguf'", first(2)) {
        @Override
        public Path write(Path directory) throws IOException {
            return Files.move(super.write(directory), directory.resolve("model.gguf"));
        }
    },
    SECOND_IS_A_DIRECTORY("not a regular file", first(2)) {
        @Override
        public Path write(Path directory) throws IOException {
            Files.createDirectory(directory.resolve("m-00002-of-00002.gguf"));
            return super.write(directory);
        }
    };

    /** Bytes that need not be GGUF. */
    private record Raw(byte[] bytes) {}

    private final String words;
    private final List<byte[]> shards = new ArrayList<>();

    BadSplitSet(String words, Object... shards) {
        this.words = words;
        for (Object shard : shards) {
            this.shards.add(shard instanceof Raw raw ? raw.bytes : ((GgufBytes) shard).bytes());
        }
    }

    private static GgufBytes shard(int number, int count, int tensors) {
        return file().string("general.architecture", "llama")
                .uint16("split.no", number)
                .uint16("split.count", count)
                .int32("split.tensors.count", tensors);
    }

    private static GgufBytes other(String tensor, int number, int count, int tensors) {
        return shard(number, count, tensors).tensor(tensor, 0, 0, 8).data(32);
    }

    private static GgufBytes first(int tensors) {
        return first(tensors, 2);
    }

    private static GgufBytes first(int tensors, int count) {
        return other("a", 0, count, tensors);
    }

    private static GgufBytes second(int tensors) {
        return other("b", 1, 2, tensors);
    }

    @Override
    public Path write(Path directory) throws IOException {
        for (int number = shards.size(); number > 0; number--) {
            Files.write(directory.resolve("m-0000" + number + "-of-00002.gguf"), shards.get(number - 1));
        }
        return directory.resolve("m-00001-of-00002.gguf");
    }

    @Override
    public String words() {
        return words;
    }
}
