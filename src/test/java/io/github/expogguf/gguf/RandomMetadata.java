package io.github.expogguf.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Key/value pairs of every type, strings with arbitrary bytes included. */
public final class RandomMetadata {

    private RandomMetadata() {}

    /** This many pairs of random types and values. */
    public static Metadata of(Random random, int count) {
        Map<String, MetadataValue> pairs = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String suffix = random.nextBoolean() ? "." + "ключ".repeat(random.nextInt(20)) : "";
            pairs.put("key." + i + suffix, value(random));
        }
        return new Metadata(pairs);
    }

    private static MetadataValue value(Random random) {
        MetadataType type = anyType(random);
        if (type != MetadataType.ARRAY) {
            return MetadataValue.scalar(type, element(random, type));
        }
        MetadataType elementType = anyType(random);
        while (elementType == MetadataType.ARRAY) {
            elementType = anyType(random);
        }
        int count = random.nextInt(4) == 0 ? random.nextInt(30_000) : random.nextInt(4);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            byte[] element = element(random, elementType);
            if (elementType == MetadataType.STRING) {
                bytes.writeBytes(ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(element.length)
                        .array());
            }
            bytes.writeBytes(element);
        }
        return MetadataValue.array(elementType, count, bytes.toByteArray());
    }

    private static MetadataType anyType(Random random) {
        return MetadataType.values()[random.nextInt(MetadataType.values().length)];
    }

    private static byte[] element(Random random, MetadataType type) {
        if (type == MetadataType.BOOL) {
            return new byte[] {(byte) random.nextInt(2)};
        }
        byte[] bytes = new byte[type == MetadataType.STRING ? random.nextInt(40) : type.bytes()];
        random.nextBytes(bytes);
        return bytes;
    }
}
