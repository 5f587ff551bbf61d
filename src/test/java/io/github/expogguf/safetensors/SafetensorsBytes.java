package io.github.expogguf.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files in the format, right or wrong, put together by hand. */
public final class SafetensorsBytes {

    private SafetensorsBytes() {}

    /** A header of this text and as many bytes of data as are wanted, which count from 0. */
    public static byte[] file(String header, int dataBytes) {
        return file(header.getBytes(StandardCharsets.UTF_8), dataBytes);
    }

    static byte[] file(byte[] header, int dataBytes) {
        ByteBuffer file = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        for (int i = 0; i < dataBytes; i++) {
            file.put((byte) i);
        }
        return file.array();
    }

    /** One file of F32 vectors, each of two numbers. */
    public static Path write(Path path, String... names) throws IOException {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < names.length; i++) {
            header.append(i == 0 ? "" : ",").append(vector(names[i], 8 * i));
        }
        return Files.write(path, file(header.append("}").toString(), 8 * names.length));
    }

    static String vector(String name, int begin) {
        return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" + begin + "," + (begin + 8)
                + "]}";
    }
}
