package io.github.expogguf.nativelib;

import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What {@code files.txt} beside the libraries says, written by native/fetch: a line {@code # origin}, a line {@code
 * # llama.cpp version}, then {@code sha256 bytes name} for each file.
 *
 * @param origin  the package or the build that the files come from
 * @param version of llama.cpp, {@code v0.5.0}
 * @param digest  of {@code files.txt} itself, so of all the files: SHA-256 in hexadecimal
 */
record FileList(String origin, String version, List<Entry> entries, String digest) {

    /** @param sha256 64 hexadecimal digits */
    record Entry(String sha256, long bytes, String name) {}

    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) +(\\d{1,12}) +([\\w.+-]+)");

    private static final Pattern VERSION = Pattern.compile("# llama\\.cpp (v[\\w.-]+)");

    static FileList parse(byte[] text) throws IOException {
        String origin = "unknown origin";
        String version = "unknown";
        List<Entry> entries = new ArrayList<>();
        for (String line : new String(text, StandardCharsets.UTF_8).lines().toList()) {
            Matcher entry = LINE.matcher(line);
            Matcher ofVersion = VERSION.matcher(line);
            if (ofVersion.matches()) {
                version = ofVersion.group(1);
            } else if (line.startsWith("# ")) {
                origin = line.substring(2);
            } else if (entry.matches()) {
                entries.add(new Entry(entry.group(1), Long.parseLong(entry.group(2)), entry.group(3)));
            } else {
                throw new IOException("files.txt: '" + line + "' is not 'sha256 bytes name'");
            }
        }
        return new FileList(origin, version, List.copyOf(entries), Sha256.of(text));
    }

    Set<String> names() {
        return entries.stream().map(Entry::name).collect(Collectors.toSet());
    }
}
