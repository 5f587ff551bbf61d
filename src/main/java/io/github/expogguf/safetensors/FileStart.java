package io.github.expogguf.safetensors;

import io.github.expogguf.text.Escape;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file is that is not what its name says: mostly what a download left in its place. Texts are beginnings of
 * files, a character for each byte.
 */
public final class FileStart {

    /** As many bytes as are looked at. */
    static final int BYTES = 256;

    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
    private static final Pattern LFS_SIZE = Pattern.compile("(?m)^size ([0-9]{1,18})$");
    private static final int LENGTH_BYTES = 8; // what safetensors begins with
    private static final int SHOWN = 60;

    private FileStart() {}

    /** Whether it is a pointer, some lines in the place of a file that Git LFS keeps elsewhere. */
    public static boolean isLfsPointer(String start) {
        return start.startsWith("version https://git-lfs.github.com/spec/");
    }

    /** What such a pointer stands for. */
    public static OptionalLong lfsBytes(String start) {
        Matcher size = LFS_SIZE.matcher(start);
        return size.find() ? OptionalLong.of(Long.parseLong(size.group(1))) : OptionalLong.empty();
    }

    /** Whether it is a page in HTML or XML, as servers send it where they send no file. */
    public static boolean isWebPage(String start) {
        return isHtml(start) || stripped(start).startsWith("<?xml");
    }

    private static boolean isHtml(String start) {
        return stripped(start).matches("(?s)<(!doctype html|html|head|meta).*");
    }

    private static String stripped(String start) {
        String text = start.startsWith(BYTE_ORDER_MARK) ? start.substring(BYTE_ORDER_MARK.length()) : start;
        return text.stripLeading().toLowerCase(Locale.ROOT);
    }

    /**
     * What the bytes are, with the way out; empty where they may be what they should be.
     *
     * @param expected what they should be
     */
    static Optional<String> known(byte[] start, String expected) {
        if (start.length == 0) {
            return Optional.of("an empty file; is the download complete?");
        }
        String text = new String(start, 0, Math.min(BYTES, start.length), StandardCharsets.ISO_8859_1);
        if (isLfsPointer(text)) {
            OptionalLong size = lfsBytes(text);
            return Optional.of(
                    "a Git LFS pointer to the file" + (size.isPresent() ? " of " + size.getAsLong() + " bytes" : "")
                            + ", not the file itself; download that (git lfs pull)");
        }
        if (text.startsWith("GGUF")) {
            return Optional.of("a GGUF file, expected " + expected);
        }
        if (text.startsWith("PK\3\4")) {
            return Optional.of("a ZIP archive, as PyTorch's own checkpoints are, expected " + expected);
        }
        return stripped(text).startsWith("<")
                ? Optional.of((isHtml(text) ? "an HTML page" : "an XML text")
                        + " in the place of the file; download it again")
                : Optional.empty();
    }

    /** What a server may have answered instead. */
    static String orText(byte[] start, String otherwise) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (start.length < LENGTH_BYTES
                || !text.chars()
                        .allMatch(
                                unit -> (unit >= ' ' && unit <= '~') || unit == '\n' || unit == '\r' || unit == '\t')) {
            return otherwise;
        }
        String stripped = text.strip();
        return "a text, expected safetensors: "
                + Escape.quote(stripped.substring(0, Math.min(SHOWN, stripped.length())));
    }
}
