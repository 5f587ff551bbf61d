package io.github.expogguf.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    /** The same data under another header. */
    public static void rewriteHeader(Path path, UnaryOperator<String> edit) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[(int) file.getLong()];
        file.get(header);
        byte[] edited = edit.apply(new String(header, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
        ByteBuffer written =
                ByteBuffer.allocate(8 + edited.length + file.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(path, written.putLong(edited.length).put(edited).put(file).array());
    }

    /** Other bytes at the start of a tensor's data. */
    public static void overwrite(Path path, String tensor, byte... bytes) throws IOException {
        byte[] file = Files.readAllBytes(path);
        int headerBytes =
                (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        Matcher offset = Pattern.compile(Pattern.quote("\"" + tensor + "\"") + "[^}]*\"data_offsets\" *: *\\[ *(\\d+)")
                .matcher(new String(file, 8, headerBytes, StandardCharsets.UTF_8));
        if (!offset.find()) {
            throw new IllegalArgumentException(path + " has no tensor " + tensor);
        }
        System.arraycopy(bytes, 0, file, 8 + headerBytes + Integer.parseInt(offset.group(1)), bytes.length);
        Files.write(path, file);
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
