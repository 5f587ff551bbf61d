package io.github.expogguf.cli.doctor;

import io.github.expogguf.cli.files.FoundFile;
import io.github.expogguf.cli.files.Weights;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.plan.pair.Pairing;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Two models that may be a pair.
 *
 * @param published   as which pair their names are known
 * @param isOrderSure whether something else than the order on the command line says which is which
 * @param isCompared  whether more than the names was compared: the headers of both, or a command that was tried
 * @param differences why they are no pair; none if they are, or may be
 */
record FoundPair(
        FoundFile sft,
        FoundFile aligned,
        Optional<PublishedPair> published,
        boolean isOrderSure,
        boolean isCompared,
        List<String> differences) {

    private static final Pattern BEFORE = Pattern.compile("(.*[^a-z])?(sft|base|pretrained)([^a-z].*)?");

    static FoundPair of(FoundFile first, FoundFile second) {
        for (PublishedPair pair : PublishedPair.values()) {
            if (pair.differences(header(first), header(second)).isEmpty()) {
                return of(first, second, Optional.of(pair), true);
            }
            if (pair.differences(header(second), header(first)).isEmpty()) {
                return of(second, first, Optional.of(pair), true);
            }
        }
        boolean isFirstBefore = isNamedBefore(first);
        boolean isSecondBefore = isNamedBefore(second);
        return isSecondBefore && !isFirstBefore
                ? of(second, first, Optional.empty(), true)
                : of(first, second, Optional.empty(), isFirstBefore && !isSecondBefore);
    }

    private static FoundPair of(
            FoundFile sft, FoundFile aligned, Optional<PublishedPair> published, boolean isOrderSure) {
        boolean isCompared = sft.header().isPresent() && aligned.header().isPresent();
        return new FoundPair(sft, aligned, published, isOrderSure, isCompared, differences(sft, aligned));
    }

    private static List<String> differences(FoundFile sft, FoundFile aligned) {
        if (isSame(sft, aligned)) {
            return List.of("the two are the same file");
        }
        if (sft.header().isPresent() && aligned.header().isPresent()) {
            return Pairing.differences(sft.header().get(), aligned.header().get());
        }
        String before = sft.weights().map(Weights::architecture).orElse("");
        String after = aligned.weights().map(Weights::architecture).orElse("");
        boolean areFolders = sft.kind() == aligned.kind();
        boolean areKnown = !before.isEmpty() && !after.isEmpty();
        return areFolders && areKnown && !before.equals(after)
                ? List.of("architecture: " + Escape.quote(before) + " in the SFT model, " + Escape.quote(after)
                        + " in the aligned model")
                : List.of();
    }

    private static boolean isSame(FoundFile sft, FoundFile aligned) {
        try {
            return Files.isSameFile(sft.path(), aligned.path());
        } catch (IOException _) {
            return false;
        }
    }

    private static boolean isNamedBefore(FoundFile file) {
        return BEFORE.matcher(name(file).toLowerCase(Locale.ROOT)).matches();
    }

    /** A folder is known by its name alone. */
    private static ModelHeader header(FoundFile file) {
        return file.header().orElseGet(() -> new ModelHeader(name(file), new Metadata(Map.of()), List.of()));
    }

    private static String name(FoundFile file) {
        return String.valueOf(file.path().toAbsolutePath().normalize().getFileName());
    }

    /** The same, as no pair for what was seen later. */
    FoundPair withDifferences(List<String> seen) {
        return new FoundPair(sft, aligned, published, isOrderSure, isCompared, seen);
    }

    /** The same, as a command takes it that compared the models. */
    FoundPair tried() {
        return new FoundPair(sft, aligned, published, isOrderSure, true, differences);
    }

    boolean isPair() {
        return differences.isEmpty();
    }

    /** The models whose rounding hides what training changed. */
    List<FoundFile> coarse() {
        return List.of(sft, aligned).stream()
                .filter(file -> file.weights().filter(Weights::coarse).isPresent())
                .toList();
    }
}
