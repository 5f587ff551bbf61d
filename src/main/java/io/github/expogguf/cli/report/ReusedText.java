package io.github.expogguf.cli.report;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.run.Reused;
import io.github.expogguf.run.Reused.Cause;
import io.github.expogguf.text.Names;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an output took from an earlier one, in words and for programs. */
final class ReusedText {

    private ReusedText() {}

    /**
     * As in {@code 28 of 30 tensors (1.1 GB) reused from OLD.gguf; 2 computed: 2 of another type (a, b)}.
     *
     * @param word {@code reused} or {@code reusable}
     */
    static String line(Reused reused, String word) {
        long computed =
                reused.computed().values().stream().mapToLong(List::size).sum();
        String line = Units.count(reused.tensors()) + " of " + Units.count(reused.tensors() + computed, "tensor") + " ("
                + Units.bytes(reused.bytes()) + ") " + word + " from " + file(reused);
        if (computed == 0) {
            return line;
        }
        String causes = reused.computed().entrySet().stream()
                .map(entry -> cause(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
        return line + "; " + Units.count(computed) + " computed"
                + reused.refusal()
                        .map(why -> ", since " + Printable.message(why))
                        .orElse(": " + causes);
    }

    private static String cause(Cause cause, List<String> names) {
        return Units.count(names.size()) + " " + words(cause) + " (" + Names.list(names) + ")";
    }

    private static String words(Cause cause) {
        return switch (cause) {
            case MISSING -> "that it does not have";
            case TYPE -> "of another type";
            case ADAPTERS -> "with other adapters or other weights of them";
            case INPUTS -> "from other tensors or files";
            case ALPHA -> "with another alpha, rank or weight";
            case ROUNDING -> "rounded in another way";
            case IMPORTANCE -> "of other importances";
            case DAMAGED -> "that are damaged";
            case REFUSED -> "that nothing was taken of";
        };
    }

    /** What was damaged. */
    static Optional<String> warning(Reused reused) {
        List<String> damaged = reused.computed().getOrDefault(Cause.DAMAGED, List.of());
        return damaged.isEmpty()
                ? Optional.empty()
                : Optional.of(file(reused) + " is damaged: the checksums of " + Units.count(damaged.size(), "tensor")
                        + " are not those of when it was written: " + Names.list(damaged)
                        + "; computed once more");
    }

    private static String file(Reused reused) {
        return Printable.message(reused.file().toString());
    }

    static JsonObject json(Reused reused) {
        JsonObject computed = new JsonObject();
        reused.computed()
                .forEach((cause, names) -> computed.add(cause.name().toLowerCase(Locale.ROOT), Json.strings(names)));
        JsonObject object = new JsonObject();
        object.addProperty("file", reused.file().toString());
        object.addProperty("tensors", reused.tensors());
        object.addProperty("bytes", reused.bytes());
        object.add("computed", computed);
        object.addProperty("refusal", reused.refusal().orElse(null));
        return object;
    }
}
