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

/** What an output took from an earlier one, in words and for programs. */
final class ReusedText {

    private ReusedText() {}

    /**
     * As in {@code 28 tensors (1.1 GB) reused from OLD.gguf; computed: 2 of another type (a, b)}.
     *
     * @param word {@code reused} or {@code reusable}
     */
    static String line(Reused reused, String word) {
        StringBuilder line = new StringBuilder(Units.count(reused.tensors(), "tensor") + " ("
                + Units.bytes(reused.bytes()) + ") " + word + " from " + file(reused));
        String separator = "; computed: ";
        for (var computed : reused.computed().entrySet()) {
            List<String> names = computed.getValue();
            line.append(separator).append(Units.count(names.size())).append(' ').append(words(computed.getKey()));
            if (computed.getKey() != Cause.REFUSED) {
                line.append(" (").append(Names.list(names)).append(')');
            }
            separator = ", ";
        }
        return line.toString();
    }

    private static String words(Cause cause) {
        return switch (cause) {
            case MISSING -> "that it does not have";
            case TYPE -> "of another type";
            case VALUES -> "computed in another way";
            case IMPORTANCE -> "of other importances";
            case DAMAGED -> "that are damaged";
            case REFUSED -> "of all";
        };
    }

    /** Why nothing was reused. */
    static Optional<String> note(Reused reused) {
        return reused.refusal()
                .map(why -> "no tensor of " + file(reused) + " can be reused: " + Printable.message(why));
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
