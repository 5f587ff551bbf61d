package io.github.expogguf.nativelib;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code files.txt} beside the libraries says, written by native/common.sh: a line {@code # origin}, then
 * {@code sha256 bytes name} for each file.
 *
 * @param origin the package or the build that the files come from
 * @param digest of {@code files.txt} itself, so of all the files: SHA-256 in hexadecimal
 */
record FileList(String origin, List<Entry> entries, String digest) {

    /** @param sha256 64 hexadecimal digits */
    record Entry(String sha256, long bytes, String name) {}

    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) +(\\d{1,12}) +([\\w.+-]+)");

    static FileList parse(byte[] text) throws IOException {
        String origin = "unknown origin";
        List<Entry> entries = new ArrayList<>();
        for (String line : new String(text, StandardCharsets.UTF_8).lines().toList()) {
            Matcher entry = LINE.matcher(line);
            if (line.startsWith("# ")) {
                origin = line.substring(2);
            } else if (entry.matches()) {
                entries.add(new Entry(entry.group(1), Long.parseLong(entry.group(2)), entry.group(3)));
            } else {
                throw new IOException("files.txt: '" + line + "' is not 'sha256 bytes name'");
            }
        }
        return new FileList(origin, List.copyOf(entries), HexFormat.of().formatHex(sha256().digest(text)));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
