package io.github.expogguf.cli;

import com.google.gson.JsonObject;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.run.ExpoReport;
import java.io.PrintStream;
import java.nio.file.Path;

/** What a run did, for people or for programs. */
record WriteReport(ExpoReport report) {

    /** @param schema name of the JSON document, or null for text */
    void print(Console console, String schema) {
        if (schema == null) {
            text(console.out());
        } else {
            console.print(json(schema));
        }
    }

    private void text(PrintStream out) {
        Plan plan = report.plan();
        for (Path file : report.files()) {
            out.println(Printable.message(file.toString()));
        }
        out.println("  " + Units.bytes(report.outputBytes()) + ", " + Units.bits(plan.bitsPerWeight())
                + " bits per weight"
                + plan.options().fileType().map(type -> ", " + type).orElse("")
                + plan.sft().map(_ -> ", alpha " + plan.options().alpha()).orElse(""));
        out.println("  " + Units.plural(plan.tasks().size(), "tensor") + ": "
                + (plan.sft().isPresent() ? Units.count(report.extrapolated()) + " extrapolated, " : "")
                + Units.count(report.converted()) + " converted, " + Units.count(report.copied()) + " copied"
                + (report.identical().isEmpty()
                        ? ""
                        : " (" + Units.count(report.identical().size()) + " identical in both models)"));
        out.println("  " + Units.duration(report.elapsedNanos()) + " on " + Units.plural(report.threads(), "thread"));
    }

    private JsonObject json(String schema) {
        Plan plan = report.plan();
        JsonObject tensors = new JsonObject();
        tensors.addProperty("total", plan.tasks().size());
        tensors.addProperty("extrapolated", report.extrapolated());
        tensors.addProperty("converted", report.converted());
        tensors.addProperty("copied", report.copied());

        JsonObject document = Json.document(schema);
        document.add(
                "files",
                Json.strings(report.files().stream().map(Path::toString).toList()));
        document.addProperty("bytes", report.outputBytes());
        document.addProperty("bitsPerWeight", plan.bitsPerWeight());
        document.addProperty(
                "fileType", plan.options().fileType().map(FileType::name).orElse(null));
        if (plan.sft().isPresent()) {
            document.addProperty("alpha", plan.options().alpha());
            document.add("sftSha256", Json.strings(report.sftSha256()));
        }
        document.add("alignedSha256", Json.strings(report.alignedSha256()));
        document.add("tensors", tensors);
        document.add("identical", Json.strings(report.identical()));
        document.addProperty("threads", report.threads());
        document.addProperty("elapsedSeconds", report.elapsedNanos() / 1e9);
        return document;
    }
}
