package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.plan.ImportanceCoverage;
import io.github.expogguf.plan.MissingImportanceException;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What an imatrix does not cover, in words, and the way out where it has to. */
final class ImportanceNotes {

    private static final int SHOWN = 3;

    /**
     * The type that a remedy names: needs no importances, and has a smaller sister for rows that its blocks do not fit.
     */
    private static final String REMEDY_TYPE = "q5_k";

    /** Uses no importances at all, and the flags' names of types are those of rules. */
    private static final String UNWEIGHED_TYPE = "q8_0";

    private ImportanceNotes() {}

    static List<String> of(Plan plan) {
        ImportanceCoverage coverage = plan.importance();
        List<String> notes = new ArrayList<>();
        int missing = coverage.missing().size();
        if (missing > 0) {
            notes.add("the imatrix has no importances for " + missing + " of the "
                    + (missing + coverage.weighed().size())
                    + " tensors that would use them: " + groups(coverage) + "; "
                    + (missing == 1 ? "it is" : "they are") + " quantized without, unless "
                    + shown(remedies(coverage, coverage.missing(), UNWEIGHED_TYPE)) + " gives "
                    + (missing == 1 ? "it" : "them") + " a type that uses none");
        }
        List<ImportanceCoverage.Partial> partial = coverage.partial();
        if (!partial.isEmpty()) {
            notes.add("the imatrix has no data on some experts of " + Units.count(partial.size(), "tensor") + ": "
                    + list(partial.stream()
                            .map(part ->
                                    Escape.text(part.tensor()) + " (" + part.unasked() + " of " + part.experts() + ")")
                            .toList())
                    + "; all of their weights count the same");
        }
        return notes;
    }

    /** Whole blocks by their name, other tensors by theirs. */
    private static String groups(ImportanceCoverage coverage) {
        TensorPatterns patterns = new TensorPatterns(coverage.weighed());
        Map<String, Integer> blocks = new LinkedHashMap<>();
        List<String> single = new ArrayList<>();
        for (String name : coverage.missing()) {
            if (patterns.isInWholeBlock(name)) {
                blocks.merge(TensorPatterns.block(name).orElseThrow(), 1, Integer::sum);
            } else {
                single.add(Escape.text(name));
            }
        }
        List<String> all = new ArrayList<>();
        blocks.forEach((block, count) -> all.add("all " + count + " of " + Escape.text(block)));
        all.addAll(single);
        return list(all);
    }

    private static String list(List<String> items) {
        String shown = items.stream().limit(SHOWN).collect(Collectors.joining(", "));
        return items.size() <= SHOWN ? shown : shown + " and " + (items.size() - SHOWN) + " more";
    }

    /** What to add to the options, as on the command line. */
    static List<String> remedies(MissingImportanceException failure) {
        if (!failure.hasImatrix()) {
            return List.of("--imatrix FILE");
        }
        return remedies(failure.coverage(), failure.coverage().required(), REMEDY_TYPE);
    }

    private static List<String> remedies(ImportanceCoverage coverage, List<String> tensors, String type) {
        Set<String> byRule = new LinkedHashSet<>(tensors);
        Set<String> flags = new LinkedHashSet<>();
        byRule.removeIf(name -> flag(name, type).map(flags::add).isPresent());
        List<String> remedies = new ArrayList<>();
        new TensorPatterns(coverage.weighed())
                .of(byRule)
                .forEach(pattern -> remedies.add("--tensor-type " + quoted(pattern + "=" + type)));
        remedies.addAll(flags);
        return remedies;
    }

    /** Rules do not reach these two where an option names their type. */
    private static Optional<String> flag(String tensor, String byRule) {
        String type = byRule.equals(REMEDY_TYPE) ? "q6_K" : byRule;
        return switch (tensor) {
            case TensorNames.OUTPUT -> Optional.of("--output-tensor-type " + type);
            case TensorNames.EMBEDDING, TensorNames.LAYER_EMBEDDING -> Optional.of("--token-embedding-type " + type);
            default -> Optional.empty();
        };
    }

    private static String shown(List<String> remedies) {
        return remedies.stream().limit(SHOWN).collect(Collectors.joining(" "));
    }

    static String remedy(MissingImportanceException failure) {
        List<String> remedies = remedies(failure);
        String shown = shown(remedies)
                + (remedies.size() > SHOWN ? " and " + (remedies.size() - SHOWN) + " more, which --json lists" : "");
        return failure.hasImatrix()
                ? "; " + shown + " gives " + (failure.coverage().required().size() == 1 ? "it a type" : "them types")
                        + " that can do without (the first --tensor-type that matches counts)"
                : "; " + shown + " names one, or take a larger --type";
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /** For programs, where there is an imatrix. */
    static void addTo(JsonObject output, Plan plan) {
        if (plan.options().imatrix().isEmpty()) {
            return;
        }
        JsonArray partial = new JsonArray();
        for (ImportanceCoverage.Partial part : plan.importance().partial()) {
            JsonObject object = new JsonObject();
            object.addProperty("name", part.tensor());
            object.addProperty("unasked", part.unasked());
            object.addProperty("experts", part.experts());
            partial.add(object);
        }
        JsonObject document = new JsonObject();
        document.addProperty("weighed", plan.importance().weighed().size());
        document.add("missing", Json.strings(plan.importance().missing()));
        document.add("partial", partial);
        output.add("importance", document);
    }
}
