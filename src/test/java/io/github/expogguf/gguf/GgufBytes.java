package io.github.expogguf.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Raw GGUF bytes, right or wrong: whatever is not said otherwise is as it should be (magic, version 3, counts of the
 * records added, data section padded to 32), and everything can be said otherwise.
 */
public final class GgufBytes {

    private final ByteArrayOutputStream pairs = new ByteArrayOutputStream();
    private final ByteArrayOutputStream tensors = new ByteArrayOutputStream();
    private byte[] magic = ascii("GGUF");
    private int version = 3;
    private Long pairCount;
    private Long tensorCount;
    private long pairsAdded;
    private long tensorsAdded;
    private int alignment = 32;
    private byte[] data = {};

    /** A file without pairs and tensors. */
    public static GgufBytes file() {
        return new GgufBytes();
    }

    /** Two tensors and three pairs, a little of everything; used where something else is wrong. */
    public static GgufBytes small() {
        return file().string("general.architecture", "llama")
                .pair("llama.block_count", MetadataType.UINT32, little(4).putInt(1))
                .array("tags", MetadataType.STRING.ordinal(), 2, concat(text("ab"), text("")))
                .tensor("a.weight", 0, 0, 4, 2)
                .tensor("b.weight", 8, 32, 32)
                .data(32 + 34);
    }

    /**
     * Whether a byte belongs to the upper part of a dimension of {@code a.weight} or {@code b.weight}, where any change
     * makes a tensor of gigabytes, for which not every reader has memory.
     *
     * @param file whose two tensors are those of {@link #small}
     */
    public static boolean isUpperPartOfADimension(byte[] file, int place) {
        String characters = new String(file, StandardCharsets.ISO_8859_1);
        for (String name : new String[] {"a.weight", "b.weight"}) {
            int count = characters.indexOf(name) + name.length();
            int within = place - count - Integer.BYTES;
            if (within >= 0 && within < Long.BYTES * file[count] && within % Long.BYTES > 2) {
                return true;
            }
        }
        return false;
    }

    public GgufBytes magic(String value) {
        magic = ascii(value);
        return this;
    }

    public GgufBytes version(int value) {
        version = value;
        return this;
    }

    /** Claims this many pairs, whatever is added. */
    public GgufBytes pairCount(long value) {
        pairCount = value;
        return this;
    }

    /** Claims this many tensors, whatever is added. */
    public GgufBytes tensorCount(long value) {
        tensorCount = value;
        return this;
    }

    /** Pads the data section to this; says nothing in the metadata. */
    public GgufBytes alignment(int value) {
        alignment = value;
        return this;
    }

    public GgufBytes string(String key, String value) {
        return rawPair(text(key), MetadataType.STRING.ordinal(), text(value));
    }

    public GgufBytes uint32(String key, long value) {
        return pair(key, MetadataType.UINT32, little(4).putInt((int) value));
    }

    public GgufBytes uint16(String key, int value) {
        return pair(key, MetadataType.UINT16, little(2).putShort((short) value));
    }

    public GgufBytes int32(String key, int value) {
        return pair(key, MetadataType.INT32, little(4).putInt(value));
    }

    public GgufBytes pair(String key, MetadataType type, ByteBuffer value) {
        return rawPair(text(key), type.ordinal(), value.array());
    }

    public GgufBytes array(String key, int elementType, long count, byte[] elements) {
        return rawPair(
                text(key),
                MetadataType.ARRAY.ordinal(),
                concat(little(12).putInt(elementType).putLong(count).array(), elements));
    }

    /** A pair whose key (length included) and value are any bytes. */
    public GgufBytes rawPair(byte[] key, int type, byte[] value) {
        pairs.writeBytes(key);
        pairs.writeBytes(little(4).putInt(type).array());
        pairs.writeBytes(value);
        pairsAdded++;
        return this;
    }

    public GgufBytes tensor(String name, int type, long offset, long... dimensions) {
        return rawTensor(text(name), dimensions.length, type, offset, dimensions);
    }

    /** A tensor whose name (length included) is any bytes and whose number of dimensions may lie. */
    public GgufBytes rawTensor(byte[] name, int rank, int type, long offset, long... dimensions) {
        tensors.writeBytes(name);
        tensors.writeBytes(little(4).putInt(rank).array());
        for (long dimension : dimensions) {
            tensors.writeBytes(little(8).putLong(dimension).array());
        }
        tensors.writeBytes(little(12).putInt(type).putLong(offset).array());
        tensorsAdded++;
        return this;
    }

    /** A data section of this many bytes. */
    public GgufBytes data(int bytes) {
        data = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            data[i] = (byte) (i + 1);
        }
        return this;
    }

    /** Everything. */
    public byte[] bytes() {
        byte[] header = concat(
                magic,
                little(20)
                        .putInt(version)
                        .putLong(tensorCount == null ? tensorsAdded : tensorCount)
                        .putLong(pairCount == null ? pairsAdded : pairCount)
                        .array(),
                pairs.toByteArray(),
                tensors.toByteArray());
        return data.length == 0 ? header : concat(header, new byte[-header.length & (alignment - 1)], data);
    }

    /** Writes everything to a file. */
    public Path write(Path path) throws IOException {
        return Files.write(path, bytes());
    }

    /** A string as it stands in a file: 64-bit length and UTF-8. */
    public static byte[] text(String value) {
        return text(value.getBytes(StandardCharsets.UTF_8));
    }

    /** A string of any bytes. */
    public static byte[] text(byte[] characters) {
        return text(characters.length, characters);
    }

    /** A string that claims to have this length. */
    public static byte[] text(long length, byte[] characters) {
        return concat(little(8).putLong(length).array(), characters);
    }

    public static ByteBuffer little(int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static byte[] ascii(String value) {
        return value.getBytes(StandardCharsets.ISO_8859_1);
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
