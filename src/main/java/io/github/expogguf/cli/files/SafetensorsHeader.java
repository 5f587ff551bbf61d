package io.github.expogguf.cli.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the header of a safetensors file says, also of one that is there in part alone, which a reader of the whole
 * format refuses.
 *
 * @param expectedBytes of the whole file
 * @param byType        weights by their type
 * @param isAdapter     whether the names are those of a LoRA adapter
 */
record SafetensorsHeader(long expectedBytes, Map<String, Long> byType, boolean isAdapter) {

    private static final Pattern TENSOR = Pattern.compile("\\{[^{}]*\\}");
    private static final Pattern TYPE = Pattern.compile("\"dtype\"\\s*:\\s*\"(\\w{1,20})\"");
    private static final Pattern SHAPE = Pattern.compile("\"shape\"\\s*:\\s*\\[([0-9,\\s]*)\\]");
    private static final Pattern END =
            Pattern.compile("\"data_offsets\"\\s*:\\s*\\[\\s*\\d+\\s*,\\s*(\\d{1,18})\\s*\\]");

    /** As far as it is there. */
    static SafetensorsHeader of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            long length = ByteBuffer.wrap(in.readNBytes(Long.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            return of(new String(in.readNBytes((int) length), StandardCharsets.UTF_8), Long.BYTES + length);
        }
    }

    private static SafetensorsHeader of(String header, long dataOffset) {
        Map<String, Long> byType = new HashMap<>();
        long end = 0;
        Matcher tensors = TENSOR.matcher(header);
        while (tensors.find()) {
            String tensor = tensors.group();
            Matcher type = TYPE.matcher(tensor);
            Matcher shape = SHAPE.matcher(tensor);
            Matcher offsets = END.matcher(tensor);
            if (type.find() && shape.find() && offsets.find()) {
                byType.merge(type.group(1), elements(shape.group(1)), Long::sum);
                end = Math.max(end, Long.parseLong(offsets.group(1)));
            }
        }
        return new SafetensorsHeader(dataOffset + end, byType, header.contains("lora_A."));
    }

    private static long elements(String dimensions) {
        long elements = 1;
        for (String dimension : dimensions.replaceAll("\\s", "").split(",")) {
            elements *= dimension.isEmpty() || dimension.length() > 18 ? 1 : Long.parseLong(dimension);
        }
        return elements;
    }
}
