package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.run.lora.LoraReport;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What an exported adapter holds, for people and for programs. */
public final class LoraReportText {

    /** Below this share of the delta's energy the adapter is not the delta any more. */
    private static final double ENOUGH = 0.8;

    /** Above this share the part that no adapter holds is worth a word. */
    private static final double MUCH_LEFT_OUT = 0.05;

    private LoraReportText() {}

    /**
     * The type of the factors with this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static GgmlType type(String name) {
        String named = name.matches("[0-9]{1,4}")
                ? FileType.nameOf(Integer.parseInt(name)).orElse(name)
                : name;
        try {
            return GgmlType.valueOf(named.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new IllegalArgumentException("--type " + name + ": expected F32, F16, BF16 or Q8_0");
        }
    }

    /** A line for each thing that makes the adapter less than the delta. */
    public static List<String> warnings(LoraReport report) {
        List<String> warnings = new ArrayList<>();
        if (report.leftOutShare() > MUCH_LEFT_OUT) {
            warnings.add(
                    percent(report.leftOutShare()) + " of the delta's energy lies in tensors that an adapter cannot"
                            + " change; 'extrapolate' changes all");
        }
        if (report.keptShare() + report.leftOutShare() < ENOUGH) {
            warnings.add("rank " + report.rank() + " keeps " + percent(report.keptShare())
                    + " of the delta's energy; a higher --rank keeps more, 'extrapolate' all");
        }
        return warnings;
    }

    public static void print(LoraReport report, PrintStream out) {
        out.println(Printable.message(report.file().toString()));
        Columns.print(
                out,
                "  " + Units.bytes(report.fileBytes()) + ", rank " + report.rank() + ", keeps "
                        + percent(report.keptShare()) + " of the delta's energy");
        Columns.print(
                out,
                "  " + Units.count(report.tensors().size(), "tensor") + " with factors, "
                        + report.leftOut().size() + " left out with " + percent(report.leftOutShare())
                        + " of the energy, "
                        + report.identical().size() + " identical");
        Columns.print(
                out,
                "  " + Units.duration(report.elapsedNanos()) + " on " + Units.count(report.threads(), "thread")
                        + ", up to " + Units.bytes(report.bufferBytes()) + " of memory for factors and buffers");
        out.println();
        kinds(report, out);
        reasons(report, out);
    }

    private static void kinds(LoraReport report, PrintStream out) {
        Map<String, double[]> sums = new LinkedHashMap<>(); // tensors, energy, kept
        for (LoraReport.Factored tensor : report.tensors()) {
            double[] sum = sums.computeIfAbsent(kind(tensor.name()), _ -> new double[3]);
            sum[0]++;
            sum[1] += tensor.energy();
            sum[2] += tensor.kept();
        }
        Table table = new Table("kind", ">tensors", ">share of the energy", ">kept of it");
        sums.forEach((kind, sum) -> table.add(
                Escape.text(kind),
                Units.count((long) sum[0]),
                percent(sum[1] / Math.max(Double.MIN_NORMAL, report.energy())),
                percent(sum[1] == 0 ? 1 : Math.min(1, sum[2] / sum[1]))));
        out.print(table.fitting(Terminal.ofStdout().columns()));
    }

    private static void reasons(LoraReport report, PrintStream out) {
        Map<String, Double> energies = new LinkedHashMap<>();
        report.leftOut().forEach(tensor -> energies.merge(tensor.reason(), tensor.energy(), Double::sum));
        energies.forEach((reason, energy) -> Columns.print(
                out, "left out: " + reason + ": " + percent(energy / Math.max(Double.MIN_NORMAL, report.energy()))));
    }

    private static String kind(String name) {
        return TensorNames.inBlock(name)
                .map(place -> place.part() + place.kind())
                .orElse(name);
    }

    public static JsonObject json(LoraReport report) {
        JsonObject document = Json.document("export-lora");
        document.addProperty("file", report.file().toString());
        document.addProperty("bytes", report.fileBytes());
        document.addProperty("rank", report.rank());
        document.add("keptShare", Json.number(report.keptShare()));
        document.add("leftOutShare", Json.number(report.leftOutShare()));
        document.add("energy", Json.number(report.energy()));
        document.add("warnings", Json.strings(warnings(report)));
        JsonArray tensors = new JsonArray();
        for (LoraReport.Factored tensor : report.tensors()) {
            JsonObject object = new JsonObject();
            object.addProperty("name", tensor.name());
            object.add("shape", Json.longs(tensor.shape().dimensions()));
            object.add("energy", Json.number(tensor.energy()));
            object.add("keptShare", Json.number(tensor.keptShare()));
            tensors.add(object);
        }
        document.add("tensors", tensors);
        JsonArray leftOut = new JsonArray();
        for (LoraReport.LeftOut tensor : report.leftOut()) {
            JsonObject object = new JsonObject();
            object.addProperty("name", tensor.name());
            object.addProperty("reason", tensor.reason());
            object.add("energy", Json.number(tensor.energy()));
            leftOut.add(object);
        }
        document.add("leftOut", leftOut);
        document.add("identical", Json.strings(report.identical()));
        document.addProperty("bufferBytes", report.bufferBytes());
        document.addProperty("threads", report.threads());
        document.addProperty("elapsedSeconds", report.elapsedNanos() / 1e9);
        return document;
    }

    /** As in {@code 12.3 %}. */
    private static String percent(double share) {
        return Numbers.percent(share, 1);
    }
}
