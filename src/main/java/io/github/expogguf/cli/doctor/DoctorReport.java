package io.github.expogguf.cli.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.ComputeDevice;
import io.github.expogguf.cli.files.FileKind;
import io.github.expogguf.cli.files.FoundFile;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.plan.recipe.Versions;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Words;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the doctor says. */
record DoctorReport(Machine machine, List<FoundFile> files, Advice advice) {

    private static final String INDENT = "  ";
    private static final int TITLE = 11;

    private static final String WITHOUT_TOKENIZER =
            "without tokenizer.json, which says which tokens the rows are of: where"
                    + " this is the SFT model, they are compared with those of the same numbers, and of other tokens the"
                    + " difference would mean nothing; download it, too";

    /** What weighs most: the files, whether they are a pair, the libraries, the place for temporary files. */
    ExitCode exitCode() {
        if (advice.exitCode() != ExitCode.OK) {
            return advice.exitCode();
        }
        return machine.libraryError().isPresent()
                ? ExitCode.NATIVE
                : machine.tempError().isPresent() ? ExitCode.IO : ExitCode.OK;
    }

    /** @param columns of the terminal */
    String text(int columns) {
        StringBuilder text = new StringBuilder();
        machineText(text, columns);
        for (FoundFile file : files) {
            text.append('\n').append(Printable.line(file.path().toString())).append('\n');
            paragraph(text, columns, INDENT, Printable.line(file.text()));
            if (!file.kind().isUsable() && !file.hint().isEmpty()) {
                paragraph(text, columns, INDENT, file.hint());
            }
            if (file.kind() == FileKind.FOLDER && !file.missing().isEmpty()) {
                paragraph(text, columns, INDENT, WITHOUT_TOKENIZER);
            }
        }
        advice.pair().ifPresent(pair -> {
            text.append('\n');
            paragraph(text, columns, "", Printable.line(Advice.title(pair)) + (pair.isPair() ? "" : ":"));
            pair.differences().forEach(line -> paragraph(text, columns, INDENT, Printable.line(line)));
        });
        if (!advice.remarks().isEmpty()) {
            text.append('\n');
        }
        advice.remarks()
                .forEach(line ->
                        paragraph(text, columns, line.startsWith(INDENT) ? INDENT : "", Printable.line(line.strip())));
        if (!advice.commands().isEmpty()) {
            boolean isSaid =
                    !advice.remarks().isEmpty() && advice.remarks().getLast().endsWith(":");
            text.append(isSaid ? "" : "\nNext:\n");
            advice.commands().stream()
                    .flatMap(words -> Advice.lines(words, columns - INDENT.length()).stream())
                    .forEach(line ->
                            text.append(INDENT).append(Printable.message(line)).append('\n'));
        }
        return text.toString().replace("\n", System.lineSeparator());
    }

    private void machineText(StringBuilder text, int columns) {
        line(
                text,
                columns,
                "java",
                System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vendor")
                        + "; vector module " + machine.vectorModule().text());
        line(
                text,
                columns,
                "libraries",
                machine.library()
                        .map(library -> "llama.cpp " + library.llamaVersion() + ", ggml " + library.ggmlVersion())
                        .orElse("none: " + machine.libraryError().orElse("")));
        for (ComputeDevice device : machine.devices()) {
            line(text, columns, "device", device.toString());
        }
        line(
                text,
                columns,
                "memory",
                bytes(machine.memoryBytes()) + ", "
                        + Units.count(Runtime.getRuntime().availableProcessors(), "core"));
        line(text, columns, "disk", bytes(machine.placeBytes()) + " free at " + machine.place());
        line(
                text,
                columns,
                "temporary",
                machine.temporary()
                        + machine.tempError()
                                .map(error -> " cannot be written: " + error
                                        + "; EXPO_GGUF_JAVA_OPTS=-Djava.io.tmpdir=DIR names another")
                                .orElse(" can be written, " + bytes(machine.tempBytes()) + " free"));
    }

    private static String bytes(OptionalLong bytes) {
        return bytes.isEmpty() || bytes.getAsLong() == Long.MAX_VALUE
                ? "an unknown amount"
                : Units.bytes(bytes.getAsLong());
    }

    private static void line(StringBuilder text, int columns, String title, String value) {
        List<String> lines = Columns.ofWords(Printable.line(value), columns - TITLE);
        for (int i = 0; i < lines.size(); i++) {
            String start = i == 0 ? title : "";
            text.append(start)
                    .append(" ".repeat(TITLE - start.length()))
                    .append(lines.get(i))
                    .append('\n');
        }
    }

    private static void paragraph(StringBuilder text, int columns, String indent, String paragraph) {
        Columns.ofWords(paragraph, columns - indent.length())
                .forEach(line -> text.append(indent).append(line).append('\n'));
    }

    JsonObject json() {
        JsonObject document = Json.document("doctor");
        document.addProperty("ok", exitCode() == ExitCode.OK);
        document.addProperty("exitCode", exitCode().code());
        document.addProperty("version", Versions.EXPO_GGUF);
        document.add("machine", machineJson());
        JsonArray found = new JsonArray();
        files.forEach(file -> found.add(json(file)));
        document.add("files", found);
        document.add("pair", advice.pair().map(DoctorReport::json).orElse(null));
        document.add(
                "remarks",
                Json.strings(advice.remarks().stream().map(String::strip).toList()));
        document.add(
                "next",
                Json.strings(advice.commands().stream()
                        .map(words -> words.stream().map(Escape::shellWord).collect(Collectors.joining(" ")))
                        .toList()));
        return document;
    }

    private JsonObject machineJson() {
        JsonObject json = new JsonObject();
        json.addProperty("java", System.getProperty("java.runtime.version"));
        json.addProperty("javaHome", System.getProperty("java.home"));
        json.addProperty("vectorModule", Words.hyphened(machine.vectorModule()));
        json.addProperty(
                "llamaCpp", machine.library().map(NativeLibrary::llamaVersion).orElse(null));
        json.addProperty("libraryError", machine.libraryError().orElse(null));
        json.add(
                "devices",
                Json.strings(
                        machine.devices().stream().map(ComputeDevice::toString).toList()));
        json.addProperty("cores", Runtime.getRuntime().availableProcessors());
        json.addProperty("memoryBytes", number(machine.memoryBytes()));
        json.addProperty("place", machine.place().toString());
        json.addProperty("placeBytes", number(machine.placeBytes()));
        json.addProperty("temporary", machine.temporary().toString());
        json.addProperty("temporaryBytes", number(machine.tempBytes()));
        json.addProperty("temporaryError", machine.tempError().orElse(null));
        return json;
    }

    private static @Nullable Long number(OptionalLong bytes) {
        return bytes.isPresent() && bytes.getAsLong() != Long.MAX_VALUE ? bytes.getAsLong() : null;
    }

    private static JsonObject json(FoundFile file) {
        JsonObject json = new JsonObject();
        json.addProperty("path", file.path().toString());
        json.addProperty("kind", file.kind().label());
        json.addProperty("usable", file.kind().isUsable());
        json.addProperty("text", file.text());
        json.addProperty("hint", file.hint().isEmpty() ? null : file.hint());
        json.addProperty("bytes", file.bytes());
        json.addProperty("expectedBytes", number(file.expectedBytes()));
        file.weights().ifPresent(weights -> {
            json.addProperty("architecture", weights.architecture());
            json.addProperty("weights", weights.count());
            json.addProperty("type", weights.type());
            json.addProperty("coarse", weights.coarse());
        });
        json.add("missing", Json.strings(file.missing()));
        return json;
    }

    private static JsonObject json(FoundPair pair) {
        JsonObject json = new JsonObject();
        json.addProperty("sft", pair.sft().path().toString());
        json.addProperty("aligned", pair.aligned().path().toString());
        json.addProperty("isPair", pair.isPair());
        json.addProperty("compared", pair.isCompared());
        Optional<PublishedPair> published = pair.published();
        json.addProperty("preset", published.map(PublishedPair::toString).orElse(null));
        json.add("differences", Json.strings(pair.differences()));
        return json;
    }
}
