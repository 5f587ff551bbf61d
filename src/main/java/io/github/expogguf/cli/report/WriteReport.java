package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.AdapterSummary;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.text.Numbers;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run did, for people or for programs.
 *
 * @param reports one for each output
 * @param look    what was seen of the pair before it began
 * @param adapters what the adapters hold
 * @param beside  files that were written beside the outputs
 */
public record WriteReport(List<ExpoReport> reports, PairLook look, List<AdapterSummary> adapters, List<Path> beside) {

    private static RealisedReport realised(ExpoReport report, PairLook look) {
        return RealisedReport.of(report.steps(), report.plan(), look);
    }

    /**
     * Prints what was written.
     *
     * @param schema name of the JSON document, or null for text
     */
    public void print(Console console, @Nullable String schema) {
        print(console, schema, new MixtureText());
    }

    /**
     * Same, with the types that were chosen for sizes.
     *
     * @param schema name of the JSON document, or null for text
     */
    public void print(Console console, @Nullable String schema, MixtureText mixtures) {
        for (ExpoReport report : reports) {
            realised(report, look)
                    .warnings("arrived in "
                            + Printable.message(report.files().getFirst().toString()))
                    .forEach(console::warning);
        }
        TrajectoryText.warnings(reports.getFirst().fits().values()).forEach(console::warning);
        reports.stream()
                .flatMap(report -> report.reused().stream())
                .flatMap(reused -> ReusedText.warning(reused).stream())
                .distinct()
                .forEach(console::warning);
        if (schema == null) {
            text(console.out());
            reports.stream()
                    .flatMap(report -> mixtures.lines(report.plan()).stream())
                    .forEach(console.out()::println);
        } else {
            console.print(json(schema, mixtures));
        }
    }

    /** For people. */
    public void text(PrintStream out) {
        reports.forEach(report -> text(report, look, out));
        beside.forEach(file -> out.println(Printable.message(file.toString())));
        ExpoReport any = reports.getFirst();
        out.println("  " + Units.duration(any.elapsedNanos()) + " on " + Units.count(any.threads(), "thread"));
    }

    private static void text(ExpoReport report, PairLook look, PrintStream out) {
        Plan plan = report.plan();
        for (Path file : report.files()) {
            out.println(Printable.message(file.toString()));
        }
        Columns.print(
                out,
                "  " + Units.bytes(report.outputBytes()) + ", " + Units.bits(plan.bitsPerWeight())
                        + " bits per weight"
                        + plan.options().fileType().map(type -> ", " + type).orElse("")
                        + (plan.sft().isEmpty() || isWholePrediction(plan)
                                ? ""
                                : ", alpha " + Numbers.brief(plan.options().alpha()))
                        + (plan.options().toStep().isPresent() ? ", " + TrajectoryText.prediction(plan) : "")
                        + (plan.options().rank() > 0
                                ? ", rank " + plan.options().rank()
                                : "")
                        + (plan.options().alpha() < 0 && plan.options().alpha() > -1 ? " (interpolated)" : ""));
        if (report.keptBytes() > 0) {
            Columns.print(out, "  " + Units.bytes(report.keptBytes()) + " of it kept from an earlier run");
        }
        Columns.print(
                out,
                "  " + Units.count(plan.tasks().size(), "tensor") + ": "
                        + (plan.sft().isPresent() ? Units.count(report.extrapolated()) + " extrapolated, " : "")
                        + Units.count(report.converted()) + " converted, " + Units.count(report.copied()) + " copied"
                        + (report.identical().isEmpty()
                                ? ""
                                : " (" + Units.count(report.identical().size()) + " identical in both models)"));
        report.reused().ifPresent(reused -> Columns.print(out, "  " + ReusedText.line(reused, "reused")));
        TrajectoryText.lines(report.fits().values()).forEach(line -> Columns.print(out, "  " + line));
        realised(report, look).lines("realised").forEach(line -> Columns.print(out, "  " + line));
        look.distanceText(plan).ifPresent(text -> Columns.print(out, "  distance " + text));
    }

    private static boolean isWholePrediction(Plan plan) {
        return plan.options().toStep().isPresent() && plan.options().alpha() == 1;
    }

    private JsonObject json(String schema, MixtureText mixtures) {
        ExpoReport any = reports.getFirst();
        JsonArray outputs = new JsonArray();
        for (ExpoReport report : reports) {
            JsonObject output = json(report, look);
            mixtures.addTo(output, report.plan().options());
            outputs.add(output);
        }
        JsonObject document = Json.document(schema);
        document.add("outputs", outputs);
        if (!beside.isEmpty()) {
            document.add(
                    "beside", Json.strings(beside.stream().map(Path::toString).toList()));
        }
        if (any.plan().sft().isPresent() || !look.remarks().isEmpty()) {
            document.add("remarks", CompareJson.remarks(look.remarks()));
        }
        if (any.plan().sft().isPresent()) {
            if (!adapters.isEmpty()) {
                document.add("adapters", AdapterText.json(adapters));
            }
            document.add("sftSha256", Json.strings(any.sftSha256()));
        }
        document.add("alignedSha256", Json.strings(any.alignedSha256()));
        document.add("identical", Json.strings(any.identical()));
        document.addProperty("threads", any.threads());
        document.addProperty("elapsedSeconds", any.elapsedNanos() / 1e9);
        return document;
    }

    private static JsonObject json(ExpoReport report, PairLook look) {
        Plan plan = report.plan();
        JsonObject tensors = new JsonObject();
        tensors.addProperty("total", plan.tasks().size());
        tensors.addProperty("extrapolated", report.extrapolated());
        tensors.addProperty("converted", report.converted());
        tensors.addProperty("copied", report.copied());

        JsonObject output = new JsonObject();
        output.add(
                "files",
                Json.strings(report.files().stream().map(Path::toString).toList()));
        output.addProperty("bytes", report.outputBytes());
        output.addProperty("keptBytes", report.keptBytes());
        report.reused().ifPresent(reused -> output.add("reused", ReusedText.json(reused)));
        output.addProperty("bitsPerWeight", plan.bitsPerWeight());
        output.addProperty(
                "fileType", plan.options().fileType().map(FileType::name).orElse(null));
        if (plan.sft().isPresent()) {
            output.addProperty("alpha", plan.options().alpha());
            if (plan.options().rank() > 0) {
                output.addProperty("rank", plan.options().rank());
            }
        }
        plan.options().toStep().ifPresent(step -> output.addProperty("toStep", step));
        look.distance(plan).ifPresent(distance -> output.addProperty("distance", distance));
        if (!report.fits().isEmpty()) {
            output.add("trajectory", TrajectoryText.json(report.fits()));
        }
        output.add("tensors", tensors);
        ImportanceNotes.addTo(output, plan);
        if (plan.sft().isPresent()) {
            output.add("realised", realised(report, look).json("arrived"));
        }
        return output;
    }
}
