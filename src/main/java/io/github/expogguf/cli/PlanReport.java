package io.github.expogguf.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.gguf.Escape;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.TensorTask;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.OutputOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A plan, for people or for programs. */
final class PlanReport {

    private final Plan plan;
    private final int threads;
    private final long outputBytes;
    private final long bufferBytes;
    private final Path place;
    private final long freeBytes;

    /** @param output file to be written, or the directory it would go to; need not exist */
    PlanReport(Extrapolator models, Plan plan, OutputOptions how, Path output) throws IOException {
        this.plan = plan;
        this.threads = how.threads();
        this.outputBytes = models.outputBytes(plan, how);
        this.bufferBytes = models.bufferBytes(plan, how);
        this.place = existing(output);
        this.freeBytes = Files.getFileStore(place).getUsableSpace();
    }

    private static Path existing(Path output) {
        Path path = output.toAbsolutePath().normalize();
        while (!Files.isDirectory(path) && path.getParent() != null) {
            path = path.getParent();
        }
        return path;
    }

    void print(Console console, boolean asJson) {
        if (freeBytes < outputBytes) {
            console.note("the disk at " + place + " has " + Units.bytes(freeBytes) + " free; "
                    + Units.bytes(outputBytes) + " are needed");
        }
        if (asJson) {
            console.print(json());
        } else {
            text(console.out());
        }
    }

    private void text(PrintStream out) {
        Table table = new Table("tensor", "shape", "input", "rule", "target", ">bytes", ">bits/weight");
        for (TensorTask task : plan.tasks()) {
            table.add(
                    Escape.text(task.aligned().name()),
                    task.aligned().shape().toString(),
                    inputs(task),
                    rule(task) + (task.usesImportance() ? ", imatrix" : reason(task)),
                    task.targetType().toString(),
                    Units.count(task.targetBytes()),
                    Units.bits(task.targetType().bitsPerWeight()));
        }
        out.print(table);
        out.println();
        out.println(Units.plural(plan.tasks().size(), "tensor") + ": " + counts());
        out.println("size    " + Units.bytes(outputBytes) + ", " + Units.bits(plan.bitsPerWeight())
                + " bits per weight, " + Units.plural(plan.elementCount(), "weight"));
        out.println("disk    " + Units.bytes(outputBytes) + " needed, " + Units.bytes(freeBytes) + " free at "
                + Printable.message(place.toString()));
        out.println("memory  " + Units.bytes(bufferBytes) + " of buffers for " + Units.plural(threads, "thread"));
    }

    private String counts() {
        StringBuilder counts = new StringBuilder();
        for (String rule : new String[] {"extrapolate", "convert", "copy"}) {
            long count = plan.tasks().stream()
                    .filter(task -> rule(task).equals(rule))
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
        JsonObject document = Json.document("plan");
        document.addProperty("architecture", plan.aligned().metadata().architecture());
        document.addProperty(
                "fileType", plan.options().fileType().map(FileType::name).orElse(null));
        document.addProperty("alpha", plan.sft().isPresent() ? plan.options().alpha() : null);
        document.addProperty("weights", plan.elementCount());
        document.addProperty("bitsPerWeight", plan.bitsPerWeight());
        document.addProperty("tensorBytes", plan.tensorBytes());
        document.addProperty("outputBytes", outputBytes);
        document.addProperty("freeBytes", freeBytes);
        document.addProperty("bufferBytes", bufferBytes);
        document.addProperty("threads", threads);
        document.add("tensors", tensors);
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
        tensor.addProperty("rule", rule(task));
        tensor.addProperty("reason", task instanceof TensorTask.Copy copy ? copy.reason() : null);
        tensor.addProperty("alpha", task instanceof TensorTask.Extrapolate pair ? pair.alpha() : null);
        tensor.addProperty("usesImportance", task.usesImportance());
        tensor.addProperty("targetType", task.targetType().toString());
        tensor.addProperty("bytes", task.targetBytes());
        tensor.addProperty("bitsPerWeight", task.targetType().bitsPerWeight());
        return tensor;
    }

    private static String inputs(TensorTask task) {
        String aligned = task.aligned().type().toString();
        return task instanceof TensorTask.Extrapolate pair
                        && pair.sft().type() != task.aligned().type()
                ? pair.sft().type() + ", " + aligned
                : aligned;
    }

    private static String rule(TensorTask task) {
        return switch (task) {
            case TensorTask.Copy _ -> "copy";
            case TensorTask.Convert _ -> "convert";
            case TensorTask.Extrapolate _ -> "extrapolate";
        };
    }

    private static String reason(TensorTask task) {
        return task instanceof TensorTask.Copy copy ? ": " + copy.reason() : "";
    }
}
