package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A comparison for people. */
public final class CompareReport {

    /** Of the numbers of a tensor. */
    static final List<String> HEADINGS = List.of(
            "tensor",
            "types",
            "relative norm",
            "cosine",
            "changed",
            "delta rms",
            "median",
            "99 %",
            "largest",
            "noise",
            "rank 1");

    private final PairComparison pair;
    private final PairNames names;

    public CompareReport(PairComparison pair, PairNames names) {
        this.pair = pair;
        this.names = names;
    }

    public void print(PrintStream out, boolean everyTensor) {
        Columns.print(out, Escape.text(names.aligned()) + " - " + Escape.text(names.sft()));
        for (Remark remark : pair.remarks()) {
            Columns.print(out, "  " + label(remark) + Printable.line(remark.text()));
        }
        if (pair.tensors().isEmpty()) {
            return;
        }
        distance(pair).forEach(line -> Columns.print(out, "  " + line));
        Columns.print(out, "  finished reinforcement learning leaves nothing to gain (arXiv 2602.12125)");
        out.println();
        if (everyTensor) {
            out.print(tensors());
        } else {
            out.print(groups("layer", DeltaGroup.byLayer(pair)));
            out.println();
            out.print(groups("kind", DeltaGroup.byKind(pair)));
        }
    }

    /** A sentence, a line or two. */
    static List<String> distance(PairComparison pair) {
        DeltaDistance distance = DeltaDistance.of(pair);
        if (!distance.isMeasurable()) {
            return List.of();
        }
        String of = "distance " + PairLook.percent(distance.at(0)) + " of the SFT model's norm";
        OptionalDouble alpha = distance.alphaAt(DeltaDistance.SUGGESTED);
        return alpha.isEmpty()
                ? List.of(of)
                : List.of(
                        of + "; alpha " + Numbers.significant(alpha.getAsDouble(), 2) + " makes it "
                                + Numbers.percent(DeltaDistance.SUGGESTED, 1) + ",",
                        "where miniature pairs scored best (for large models not known, likely less)");
    }

    static String label(Remark remark) {
        return switch (remark.weight()) {
            case NOTE -> "";
            case WARNING -> "warning: ";
            case WRONG -> "wrong: ";
        };
    }

    private String groups(String heading, List<DeltaGroup> groups) {
        Table table = new Table(heading, ">weights", ">relative norm", ">cosine", ">changed", ">delta rms");
        groups.forEach(group -> add(table, Escape.text(group.name()), group.sums()));
        add(table, "all", pair.total());
        return table.fitting(Terminal.ofStdout().columns());
    }

    private static void add(Table table, String name, DeltaSums sums) {
        table.add(
                name,
                Units.count(sums.elements()),
                number(sums.relativeNorm()),
                cosine(sums.cosine()),
                Numbers.percent(sums.changedShare(), 1),
                number(sums.deltaRms()));
    }

    private String tensors() {
        Table table = new Table(HEADINGS.stream()
                .map(heading -> HEADINGS.indexOf(heading) < 2 ? heading : ">" + heading)
                .toArray(String[]::new));
        pair.tensors().forEach(tensor -> table.add(cells(tensor).toArray(String[]::new)));
        return table.fitting(Terminal.ofStdout().columns());
    }

    /** In the order of {@link #HEADINGS}. */
    static List<String> cells(TensorDelta tensor) {
        DeltaSums sums = tensor.sums();
        String sftType = tensor.sft().type().name();
        String alignedType = tensor.aligned().type().name();
        return List.of(
                Escape.text(tensor.name()),
                sftType.equals(alignedType) ? sftType : sftType + ", " + alignedType,
                number(sums.relativeNorm()),
                cosine(sums.cosine()),
                Numbers.percent(sums.changedShare(), 1),
                number(sums.deltaRms()),
                number(tensor.median()),
                number(tensor.p99()),
                number(sums.maxDelta()),
                number(tensor.noise()),
                tensor.rankOneShare().isPresent()
                        ? Numbers.percent(tensor.rankOneShare().getAsDouble(), 1)
                        : "");
    }

    /** Three digits; a dash for what is no number, as a share of nothing. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        return value == 0
                ? "0"
                : value < 0.001 ? String.format(Locale.ROOT, "%.2e", value) : Numbers.significant(value, 3);
    }

    /** Six digits: what matters is the distance to 1. */
    static String cosine(double value) {
        return Double.isNaN(value) ? "-" : Numbers.fixed(value, 6);
    }
}
