package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Similar;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A file type as people write it: by llama-quantize's names, aliases or numbers, or {@value #COPY}.
 *
 * @param fileType empty for {@value #COPY}, which keeps the type of every tensor
 */
public record TypeChoice(Optional<FileType> fileType) {

    /** Every tensor keeps the type that it has in the (aligned) model; llama-quantize's word. */
    public static final String COPY = "COPY";

    /** What holds where nothing is said. */
    public static final TypeChoice NONE = new TypeChoice(Optional.empty());

    /** Refuses null. */
    public TypeChoice {
        Objects.requireNonNull(fileType, "fileType");
    }

    /**
     * {@return the options with this choice}
     *
     * @param options alpha, types, and everything else that decides the output
     */
    public PlanOptions in(PlanOptions options) {
        Objects.requireNonNull(options, "options");
        return fileType.map(options::withFileType).orElseGet(options::withTypesOfAligned);
    }

    /** {@return those that {@link #parse} reads, without aliases and numbers} */
    public static Stream<String> names() {
        return Stream.concat(Arrays.stream(FileType.values()).map(Enum::name), Stream.of(COPY));
    }

    /**
     * The choice of a name, alias or number ({@code general.file_type}), in any case.
     *
     * @param text as in {@code Q4_K_M}, {@code q8_0}, {@code 7} or {@code copy}
     * @return the choice
     * @throws IllegalArgumentException if there is none, or it can be read and not be written
     */
    public static TypeChoice parse(String text) {
        Objects.requireNonNull(text, "text");
        if (text.equalsIgnoreCase(COPY)) {
            return NONE;
        }
        String name = text.matches("[0-9]{1,4}")
                ? FileType.nameOf(Integer.parseInt(text)).orElse(text)
                : text;
        try {
            return new TypeChoice(Optional.of(FileType.parse(name)));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(
                    Escape.quote(name)
                            + (FileType.isOnlyRead(name)
                                    ? " is a file type that llama.cpp does not write, either; write one of "
                                    : " is not a file type; it is one of ")
                            + names().collect(Collectors.joining(" "))
                            + (FileType.isOnlyRead(name) ? "" : Similar.hint(name, names().toList())),
                    wrong);
        }
    }
}
