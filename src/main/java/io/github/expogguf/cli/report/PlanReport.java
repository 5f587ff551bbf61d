package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.cli.estimate.Costs;
import io.github.expogguf.cli.estimate.RunEstimate;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.compare.realised.TensorStep;
import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.task.AdapterSummary;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.Reused;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A plan, for people or for programs. */
public final class PlanReport {

    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    private final Plan plan;
    private final int threads;
    private final long outputBytes;
    private final long bufferBytes;
    private final long inputBytes;
    private final long repeatedBytes;
    private final Path place;
    private final long freeBytes;
    private final long temporaryBytes;
    private final List<AdapterSummary> adapters;
    private final RealisedReport realised;
    private final PairLook look;
    private final Map<String, TrajectoryFit> fits;
    private final Optional<Reused> reusable;

    /** @param output file to be written, or the directory it would go to; need not exist */
    private PlanReport(Extrapolator models, Plan plan, OutputOptions how, Path output, PairLook look)
            throws IOException {
        this.look = look;
        this.plan = plan;
        this.threads = how.work().threads();
        this.outputBytes = models.outputBytes(plan, how);
        this.bufferBytes = models.bufferBytes(plan, how.work());
        this.inputBytes = models.inputBytes();
        this.repeatedBytes = models.repeatedBytes(plan, how.work());
        this.place = existing(output);
        this.freeBytes = Files.getFileStore(place).getUsableSpace();
        this.temporaryBytes = models.temporaryBytes(plan);
        this.adapters = models.adapters();
        this.realised = RealisedReport.of(predict(models, plan, how.work()), plan, look);
        this.fits = fits(models, plan, how.work());
        this.reusable = how.reuse().isPresent()
                ? Optional.of(models.reusable(plan, how.reuse().get()))
                : Optional.empty();
    }

    /** Same. */
    private static Map<String, TrajectoryFit> fits(Extrapolator models, Plan plan, WorkOptions how) throws IOException {
        try {
            return models.fit(plan, how);
        } catch (NativeLibraryException | NonFiniteException e) {
            return Map.of();
        }
    }

    /** Nothing where the weights cannot be read; {@link PairRemarks} has said it. */
    static List<TensorStep> predict(Extrapolator models, Plan plan, WorkOptions how) throws IOException {
        try {
            return models.predict(plan, how);
        } catch (NativeLibraryException | NonFiniteException e) {
            return List.of();
        }
    }

    private static Path existing(Path output) {
        Path path = output.toAbsolutePath().normalize();
        while (!Files.isDirectory(path) && path.getParent() != null) {
            path = path.getParent();
        }
        return path;
    }

    /**
     * Prints the plans of all outputs, and a note where the disk has no room for all.
     *
     * @param refusal of which the user was told
     */
    public static void print(
            Console console,
            boolean asJson,
            Extrapolator models,
            List<Plan> plans,
            PairLook look,
            Optional<Refusal> refusal,
            MixtureText mixtures,
            OutputOptions how,
            Path place)
            throws IOException {
        Optional<Plan> littleOf = refusal.flatMap(Refusal::littleOf);
        boolean saysRounding = refusal.filter(Refusal::saysRounding).isPresent();
        List<PlanReport> reports = new ArrayList<>();
        for (Plan plan : plans) {
            PlanReport report = new PlanReport(models, plan, how, place, look);
            report.realised
                    .warnings(
                            "would arrive" + (plans.size() > 1 ? " with " + report.title() : ""),
                            littleOf.filter(plan::equals).isPresent(),
                            saysRounding)
                    .forEach(console::warning);
            reports.add(report);
        }
        long needed = reports.stream().mapToLong(report -> report.outputBytes).sum();
        PlanReport any = reports.getFirst();
        TrajectoryText.warnings(any.fits.values()).forEach(console::warning);
        if (any.freeBytes < needed) {
            console.note("the disk at " + any.place + " has " + Units.bytes(any.freeBytes) + " free; "
                    + Units.bytes(needed) + " are needed");
        }
        long factors =
                reports.stream().mapToLong(report -> report.temporaryBytes).sum();
        if (factors > 0) {
            long free = Files.getFileStore(TEMPORARY).getUsableSpace();
            if (free < factors) {
                console.note("the disk at " + TEMPORARY + " has " + Units.bytes(free)
                        + " free; the factors of the deltas" + " need " + Units.bytes(factors) + " there for a while");
            }
        }
        Optional<EstimateText> estimate = estimate(plans, reports, any);
        if (asJson) {
            JsonArray outputs = new JsonArray();
            for (PlanReport report : reports) {
                JsonObject output = report.json();
                mixtures.addTo(output, report.plan.options());
                outputs.add(output);
            }
            JsonObject document = Json.document("plan");
            document.addProperty("architecture", any.plan.aligned().metadata().architecture());
            if (any.plan.sft().isPresent() || !look.remarks().isEmpty()) {
                document.add("remarks", CompareJson.remarks(look.remarks()));
            }
            if (any.plan.sft().isPresent()) {
                VocabularyJson.addTo(document, any.plan.sft().get(), any.plan.aligned());
                if (!any.adapters.isEmpty()) {
                    document.add("adapters", AdapterText.json(any.adapters));
                }
            }
            if (!models.conversions().isEmpty()) {
                document.add("folders", FolderText.json(models.conversions()));
            }
            document.add("refusal", refusal.map(Refusal::json).orElse(null));
            document.add("outputs", outputs);
            document.addProperty("freeBytes", any.freeBytes);
            document.addProperty("threads", any.threads);
            document.add("estimate", estimate.map(EstimateText::json).orElse(null));
            console.print(document);
            return;
        }
        for (PlanReport report : reports) {
            if (reports.size() > 1) {
                console.out().println((report == any ? "" : "\n") + report.title());
            }
            report.text(console.out());
            mixtures.lines(report.plan).forEach(console.out()::println);
        }
        estimate.ifPresent(text -> Columns.print(console.out(), "time    " + text.line()));
        FolderText.lines(models.conversions(), Terminal.ofStdout().columnsOfText())
                .forEach(console.out()::println);
    }

    /** Of all outputs, which are written in one pass. */
    private static Optional<EstimateText> estimate(List<Plan> plans, List<PlanReport> reports, PlanReport any) {
        Costs costs = Costs.known();
        long inputBytes = any.inputBytes
                + reports.stream()
                        .mapToLong(report -> report.repeatedBytes)
                        .max()
                        .orElse(0);
        long outputBytes =
                reports.stream().mapToLong(report -> report.outputBytes).sum();
        return RunEstimate.of(costs, plans, inputBytes, outputBytes)
                .map(estimate -> new EstimateText(estimate, costs.processor(), any.threads));
    }

    private String title() {
        return title(plan);
    }

    /** What tells an output from the others of a pass. */
    static String title(Plan plan) {
        return TrajectoryText.goal(plan.options())
                + plan.options().fileType().map(type -> ", " + type).orElse("")
                + plan.options()
                        .sizeTarget()
                        .map(size -> " for " + size.label())
                        .orElse("");
    }

    private void text(PrintStream out) {
        out.print(new PlanTable(plan, Terminal.ofStdout().columns()));
        out.println();
        Columns.print(
                out, Units.count(plan.tasks().size(), "tensor") + (plan.tasks().isEmpty() ? "" : ": " + counts()));
        adapters.forEach(adapter -> Columns.print(
                out, "adapter " + Printable.message(adapter.name()) + ": " + AdapterText.contents(adapter)));
        Columns.print(
                out,
                "size    " + Units.bytes(outputBytes) + ", " + Units.bits(plan.bitsPerWeight()) + " bits per weight, "
                        + Units.count(plan.elementCount(), "weight"));
        Columns.print(
                out,
                "disk    " + Units.bytes(outputBytes) + " needed, " + Units.bytes(freeBytes) + " free at "
                        + Printable.message(place.toString()));
        Columns.print(
                out,
                "reading " + Units.bytes(inputBytes) + " once"
                        + (repeatedBytes == 0
                                ? ""
                                : ", and " + Units.bytes(repeatedBytes) + " of it twice: tensors in another order"));
        if (temporaryBytes > 0) {
            Columns.print(
                    out,
                    "factors " + Units.bytes(temporaryBytes) + " needed for a while in "
                            + Printable.message(TEMPORARY.toString()));
        }
        reusable.ifPresent(reused -> Columns.print(
                out,
                "reuse   " + ReusedText.line(reused, "reusable")
                        + (reused.tensors() > 0 ? "; if it was made of these files and is not damaged" : "")));
        look.distanceText(plan).ifPresent(text -> Columns.print(out, "distance " + text));
        if (plan.options().toStep().isPresent()) {
            Columns.print(out, TrajectoryText.prediction(plan));
        }
        TrajectoryText.lines(fits.values()).forEach(line -> Columns.print(out, line));
        realised.lines("predicted realised").forEach(line -> Columns.print(out, line));
        Columns.print(out, "memory  " + Units.bytes(bufferBytes) + " of buffers for " + Units.count(threads, "thread"));
    }

    private String counts() {
        StringBuilder counts = new StringBuilder();
        for (String rule : new String[] {"extrapolate", "convert", "copy"}) {
            long count = plan.tasks().stream()
                    .filter(task -> PlanTable.rule(task).equals(rule))
                    .count();
            if (count > 0) {
                counts.append(counts.isEmpty() ? "" : ", ")
                        .append(rule)
                        .append(' ')
                        .append(Units.count(count));
            }
        }
        return counts.toString();
    }

    private JsonObject json() {
        JsonArray tensors = new JsonArray();
        plan.tasks().forEach(task -> tensors.add(json(task)));
        JsonObject document = new JsonObject();
        document.addProperty(
                "fileType", plan.options().fileType().map(FileType::name).orElse(null));
        document.addProperty("alpha", plan.sft().isPresent() ? plan.options().alpha() : null);
        plan.options().toStep().ifPresent(step -> document.addProperty("toStep", step));
        look.distance(plan).ifPresent(distance -> document.addProperty("distance", distance));
        if (!fits.isEmpty()) {
            document.add("trajectory", TrajectoryText.json(fits));
        }
        document.add(
                "rules",
                Json.strings(plan.options().alphaRules().stream()
                        .map(TensorAlphaRule::text)
                        .toList()));
        FurtherJson.addTo(document, plan.metadata());
        document.addProperty("weights", plan.elementCount());
        document.addProperty("bitsPerWeight", plan.bitsPerWeight());
        ImportanceNotes.addTo(document, plan);
        document.addProperty("tensorBytes", plan.tensorBytes());
        document.addProperty("outputBytes", outputBytes);
        document.addProperty("inputBytes", inputBytes);
        document.addProperty("repeatedBytes", repeatedBytes);
        document.addProperty("bufferBytes", bufferBytes);
        reusable.ifPresent(reused -> document.add("reusable", ReusedText.json(reused)));
        document.addProperty("temporaryBytes", temporaryBytes);
        document.add("tensors", tensors);
        if (plan.sft().isPresent()) {
            document.add("predictedRealised", realised.json("would arrive"));
        }
        return document;
    }

    private static JsonObject json(TensorTask task) {
        JsonObject tensor = new JsonObject();
        tensor.addProperty("name", task.aligned().name());
        tensor.add("shape", Json.longs(task.aligned().shape().dimensions()));
        tensor.addProperty(
                "sftType",
                task instanceof TensorTask.Extrapolate pair ? pair.sft().type().toString() : null);
        tensor.addProperty("alignedType", task.aligned().type().toString());
        tensor.addProperty("rule", PlanTable.rule(task));
        tensor.addProperty("reason", task instanceof TensorTask.Copy copy ? copy.reason() : null);
        if (task.source() instanceof Operand.Adapted) {
            tensor.addProperty("wholeInAdapter", PlanTable.isWholeInAdapter(task));
        }
        tensor.addProperty("alpha", task instanceof TensorTask.Extrapolate pair ? pair.alpha() : null);
        if (task instanceof TensorTask.Extrapolate pair && pair.operands().rank() > 0) {
            tensor.addProperty("rank", pair.operands().rank());
        }
        tensor.addProperty("usesImportance", task.usesImportance());
        tensor.addProperty("targetType", task.targetType().toString());
        tensor.addProperty("bytes", task.targetBytes());
        tensor.addProperty("bitsPerWeight", task.targetType().bitsPerWeight());
        RoundingNotes.addTo(tensor, task);
        return tensor;
    }
}
