package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.imatrix.Imatrix;
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
            List<String> open = undecided(plan);
            notes.add("the imatrix has no importances for " + missing + " of the "
                    + (missing + coverage.weighed().size())
                    + " tensors that would use them: " + groups(coverage) + "; "
                    + (missing == 1 ? "it is" : "they are") + " quantized without"
                    + (open.isEmpty()
                            ? ", to the types that the options give them"
                            : ", unless " + shown(remedies(coverage, open, UNWEIGHED_TYPE)) + " gives "
                                    + (open.size() == 1 ? "it" : "them") + " a type that uses none"));
        }
        addPartial(coverage.partial(), notes);
        String file = file(plan);
        if (!coverage.zeros().isEmpty() && lost(coverage).isEmpty()) {
            notes.add(file + " has importance 0 for columns of "
                    + Units.count(coverage.zeros().size(), "tensor") + ": " + list(columns(coverage.zeros()))
                    + "; what the rounding of these does counts nothing, as with llama-quantize");
        }
        if (!coverage.resized().isEmpty()) {
            notes.add(file + " has importances of another size for " + list(escaped(coverage.resized()))
                    + "; " + (coverage.resized().size() == 1 ? "it is" : "they are")
                    + " quantized without, as with llama-quantize");
        }
        if (!coverage.unknown().isEmpty()) {
            notes.add(file + " has importances for "
                    + Units.count(coverage.unknown().size(), "tensor") + " that "
                    + Escape.text(plan.aligned().name()) + " does not have: " + list(escaped(coverage.unknown()))
                    + "; is it of this model?");
        }
        plan.options().imatrix().stream()
                .flatMap(imatrix -> imatrix.remarks().stream())
                .forEach(remark -> notes.add(file + " " + remark));
        return notes;
    }

    /** What the imatrix makes worse. */
    static List<String> warnings(Plan plan) {
        ImportanceCoverage coverage = plan.importance();
        List<ImportanceCoverage.Zeros> lost = lost(coverage);
        if (lost.isEmpty()) {
            return List.of();
        }
        List<String> names = lost.stream().map(ImportanceCoverage.Zeros::tensor).toList();
        return List.of(file(plan) + " has importance 0 for all columns that share a scale in "
                + Units.count(lost.size(), "tensor") + ": "
                + list(lost.stream()
                        .map(zeros ->
                                Escape.text(zeros.tensor()) + " (" + zeros.lost() + " of " + zeros.of() + " columns)")
                        .toList())
                + "; most of what these hold is lost, as with llama-quantize, unless "
                + shown(remedies(coverage, names, UNWEIGHED_TYPE))
                + " gives " + (lost.size() == 1 ? "it" : "them") + " a type that uses none");
    }

    private static List<ImportanceCoverage.Zeros> lost(ImportanceCoverage coverage) {
        return coverage.zeros().stream().filter(zeros -> zeros.lost() > 0).toList();
    }

    private static void addPartial(List<ImportanceCoverage.Partial> partial, List<String> notes) {
        addPartial(
                "the imatrix has no data on some experts of ",
                partial.stream().filter(part -> part.unasked() < part.experts()).toList(),
                notes);
        addPartial(
                "the imatrix has no data at all on ",
                partial.stream()
                        .filter(part -> part.unasked() == part.experts())
                        .toList(),
                notes);
    }

    private static void addPartial(String words, List<ImportanceCoverage.Partial> partial, List<String> notes) {
        if (!partial.isEmpty()) {
            notes.add(words + Units.count(partial.size(), "tensor") + ": "
                    + list(partial.stream()
                            .map(part ->
                                    Escape.text(part.tensor()) + " (" + part.unasked() + " of " + part.experts() + ")")
                            .toList())
                    + "; all of their weights count the same");
        }
    }

    private static List<String> columns(List<ImportanceCoverage.Zeros> zeros) {
        return zeros.stream()
                .map(each -> Escape.text(each.tensor()) + " (" + each.columns() + " of " + each.of() + ")")
                .toList();
    }

    private static List<String> escaped(List<String> names) {
        return names.stream().map(Escape::text).toList();
    }

    private static String file(Plan plan) {
        return plan.options()
                .imatrix()
                .flatMap(Imatrix::source)
                .map(source -> Escape.text(source.fileName()))
                .orElse("the imatrix");
    }

    /** Without importances and without a rule: who has named a type, as the refusal advises, has chosen it. */
    private static List<String> undecided(Plan plan) {
        boolean isSized = plan.options().sizeTarget().isPresent(); // whose rules nobody has named
        return plan.importance().missing().stream()
                .filter(tensor -> isSized
                        || plan.options().tensorTypes().stream()
                                .noneMatch(rule -> rule.name().matcher(tensor).find()))
                .toList();
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

    /** @param isSized whether the types are those that were asked for a size to be kept to */
    static String remedy(MissingImportanceException failure, boolean isSized) {
        List<String> remedies = remedies(failure);
        String shown = shown(remedies)
                + (remedies.size() > SHOWN ? " and " + (remedies.size() - SHOWN) + " more, which --json lists" : "");
        return failure.hasImatrix()
                ? "; " + shown + " gives " + (failure.coverage().required().size() == 1 ? "it a type" : "them types")
                        + " that can do without (the first --tensor-type that matches counts)"
                : "; " + shown + " names one, or "
                        + (isSized ? "leave such types out of --target-types" : "take a larger --type");
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
        JsonArray zeros = new JsonArray();
        for (ImportanceCoverage.Zeros each : plan.importance().zeros()) {
            JsonObject object = new JsonObject();
            object.addProperty("name", each.tensor());
            object.addProperty("columns", each.columns());
            object.addProperty("of", each.of());
            object.addProperty("lost", each.lost());
            zeros.add(object);
        }
        JsonObject document = new JsonObject();
        document.addProperty("weighed", plan.importance().weighed().size());
        document.add("missing", Json.strings(plan.importance().missing()));
        document.add("partial", partial);
        document.add("zeros", zeros);
        document.add("resized", Json.strings(plan.importance().resized()));
        document.add("unknown", Json.strings(plan.importance().unknown()));
        output.add("importance", document);
    }
}
