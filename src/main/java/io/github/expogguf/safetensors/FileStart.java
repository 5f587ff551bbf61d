package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.Escape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a file is that is not in safetensors: mostly what a download left in its place. */
final class FileStart {

    /** As many bytes as {@link #problem} looks at. */
    static final int BYTES = 256;

    private static final Pattern LFS_SIZE = Pattern.compile("\nsize ([0-9]{1,18})\n");
    private static final int SHOWN = 60;

    private FileStart() {}

    /** @param otherwise what is wrong if the start is nothing that is known */
    static SafetensorsFormatException problem(Path path, byte[] start, String otherwise) {
        return new SafetensorsFormatException(path, -1, text(start, otherwise));
    }

    private static String text(byte[] start, String otherwise) {
        if (start.length == 0) {
            return "an empty file; is the download complete?";
        }
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("version https://git-lfs")) {
            Matcher size = LFS_SIZE.matcher(text);
            return "a Git LFS pointer to the file" + (size.find() ? " of " + size.group(1) + " bytes" : "")
                    + ", not the file itself; download that (git lfs pull)";
        }
        if (text.startsWith("GGUF")) {
            return "a GGUF file, expected safetensors";
        }
        if (text.startsWith("PK\3\4")) {
            return "a ZIP archive, as PyTorch's own checkpoints are, expected safetensors";
        }
        String stripped = text.strip();
        if (stripped.startsWith("<")) {
            boolean isHtml = stripped.toLowerCase(Locale.ROOT).matches("(?s)<(!doctype html|html|head|meta).*");
            return (isHtml ? "an HTML page" : "an XML text") + " in the place of the file; download it again";
        }
        return otherwise;
    }

    /** What a server may have answered instead. */
    static String orText(byte[] start, String otherwise) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (!text.chars()
                .allMatch(unit -> (unit >= ' ' && unit <= '~') || unit == '\n' || unit == '\r' || unit == '\t')) {
            return otherwise;
        }
        String stripped = text.strip();
        return "a text, expected safetensors: "
                + Escape.quote(stripped.substring(0, Math.min(SHOWN, stripped.length())));
    }
}
