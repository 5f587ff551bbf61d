package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.plan.task.WholeTensor;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The tensors of a plan, for people: what is said of many at length stands below the table where it is too wide. */
final class PlanTable {

    private final Plan plan;
    private final int columns;

    /** @param columns of the terminal */
    PlanTable(Plan plan, int columns) {
        this.plan = plan;
        this.columns = columns;
    }

    /** Headings, a line for each tensor, and notes on them; each line ended. */
    @Override
    public String toString() {
        Map<String, Integer> none = Map.of();
        Map<String, Integer> reasons = notes(TensorTask.Copy.class::isInstance);
        Map<String, Integer> all = notes(_ -> true);
        for (Map<String, Integer> notes : List.of(none, reasons, all)) {
            Table table = table(notes, false);
            if (table.fits(columns)) {
                return table + text(notes);
            }
        }
        return table(all, true).fitting(columns) + text(all);
    }

    private String text(Map<String, Integer> notes) {
        return notes.entrySet().stream()
                .flatMap(note -> Columns.broken("(" + note.getValue() + ") " + note.getKey(), columns).stream())
                .map(line -> line + System.lineSeparator())
                .collect(Collectors.joining());
    }

    private Table table(Map<String, Integer> notes, boolean areBytesRounded) {
        Table table = new Table("tensor", "shape", "input", "rule", "target", areBytesRounded ? ">size" : ">bytes");
        for (TensorTask task : plan.tasks()) {
            String what = what(task);
            table.add(
                    Escape.text(task.aligned().name()),
                    task.aligned().shape().toString(),
                    inputs(task),
                    notes.containsKey(what) ? rule(task) + " (" + notes.get(what) + ")" : what,
                    task.targetType().toString(),
                    areBytesRounded ? Units.bytes(task.targetBytes()) : Units.count(task.targetBytes()));
        }
        return table;
    }

    /** What is said of some tensors beyond their rule, numbered. */
    private Map<String, Integer> notes(Predicate<TensorTask> some) {
        Map<String, Integer> notes = new LinkedHashMap<>();
        for (TensorTask task : plan.tasks()) {
            String what = what(task);
            if (some.test(task) && !what.equals(rule(task))) {
                notes.putIfAbsent(what, notes.size() + 1);
            }
        }
        return notes;
    }

    private String what(TensorTask task) {
        return rule(task)
                + alpha(task)
                + rank(task)
                + reason(task)
                + (task.usesImportance() ? ", imatrix" : "")
                + RoundingNotes.label(task);
    }

    private static String reason(TensorTask task) {
        if (isWholeInAdapter(task)) {
            return ", whole in an adapter";
        }
        return task instanceof TensorTask.Copy copy ? ": " + copy.reason() : "";
    }

    private static String inputs(TensorTask task) {
        String aligned = task.aligned().type().toString();
        return task instanceof TensorTask.Extrapolate pair
                        && pair.sft().type() != task.aligned().type()
                ? pair.sft().type() + ", " + aligned
                : aligned;
    }

    /** Where it is not the same for all. */
    private String alpha(TensorTask task) {
        return task instanceof TensorTask.Extrapolate pair
                        && !plan.options().alphaRules().isEmpty()
                ? " " + Numbers.brief(pair.alpha())
                : "";
    }

    /** Where the delta has directions that are left out. */
    private static String rank(TensorTask task) {
        return task instanceof TensorTask.Extrapolate pair && pair.operands().rank() > 0
                ? " rank " + pair.operands().rank()
                : "";
    }

    /** What is done with a tensor, in one word. */
    static String rule(TensorTask task) {
        return switch (task) {
            case TensorTask.Copy _ -> "copy";
            case TensorTask.Convert _ -> "convert";
            case TensorTask.Extrapolate _ -> "extrapolate";
        };
    }

    /** Whether an adapter has all of it, and no factors. */
    static boolean isWholeInAdapter(TensorTask task) {
        return task.source() instanceof Operand.Adapted adapted
                && adapted.changes().stream().anyMatch(WholeTensor.class::isInstance);
    }
}
