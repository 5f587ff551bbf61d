package io.github.expogguf.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.files.FileProbe;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.model.LikeFlag;
import io.github.expogguf.cli.option.value.SourceConverters;
import io.github.expogguf.cli.report.FurtherJson;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Words;
import io.github.expogguf.verify.Check;
import io.github.expogguf.verify.Check.Outcome;
import io.github.expogguf.verify.Finding;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.verify.VerifyOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whether a file is what its recipe says. */
@Command(
        name = "verify",
        description = {
            "Checks a GGUF file: its structure, that all values are finite, the checksums recorded when it was written,"
                    + " its types against the recipe that it carries and, given the models it was made from, every"
                    + " byte by computing it again.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {"", "Example:", "  expo-gguf verify OUT.gguf --sft SFT.gguf --aligned DPO.gguf"})
final class VerifyCommand extends Subcommand {

    /** More are counted, not shown; JSON has all of them. */
    private static final int SHOWN_FINDINGS = 20;

    @Parameters(paramLabel = "FILE", description = "The file; any shard names a whole set.")
    private Path file;

    @Option(names = "--sft", paramLabel = "FILE", order = 1, description = "The SFT model it was made from.")
    private @Nullable Path sft;

    @Option(
            names = {"--aligned", "-m", "--model"},
            paramLabel = "FILE",
            order = 2,
            description = "The aligned model, or the one model, it was made from.")
    private @Nullable Path aligned;

    @Option(
            names = "--adapter",
            paramLabel = "FILE[=WEIGHT]",
            split = ",",
            order = 2,
            converter = SourceConverters.ToAdapter.class,
            description = "The adapters it was made with, in their order; the file says their weights.")
    private List<Ingredients.Adapter<Path>> adapters = new ArrayList<>();

    @Option(
            names = "--delta",
            paramLabel = "SFT2,ALIGNED2,BETA",
            order = 2,
            converter = ToDelta.class,
            description = "The further differences it was made with, in their order; the file says their weights, which"
                    + " may be left out.")
    private List<Ingredients.Delta<Path>> deltas = new ArrayList<>();

    @Option(
            names = "--checkpoint",
            paramLabel = "STEP=FILE",
            order = 2,
            converter = SourceConverters.ToCheckpoint.class,
            description = "The checkpoints it was predicted from, in the place of --sft and --aligned.")
    private List<Ingredients.Checkpoint<Path>> checkpoints = new ArrayList<>();

    /** {@code SFT2,ALIGNED2}, and a weight that does not matter: the file says it. */
    static final class ToDelta implements ITypeConverter<Ingredients.Delta<Path>> {
        @Override
        public Ingredients.Delta<Path> convert(String text) {
            boolean hasWeight =
                    text.chars().filter(character -> character == ',').count() > 1;
            return new SourceConverters.ToDelta().convert(hasWeight ? text : text + ",1");
        }
    }

    @Option(
            names = "--imatrix",
            paramLabel = "FILE",
            order = 3,
            description = "The importance matrix it was made with.")
    private @Nullable Path imatrix;

    @Mixin
    private LikeFlag like;

    @Mixin
    private RunFlags run;

    @Mixin
    private NativeFlags nativeLibrary;

    @Override
    public ExitCode execute() throws IOException {
        if (!checkpoints.isEmpty() && (sft != null || aligned != null || !adapters.isEmpty())) {
            throw usage("--checkpoint stands in the place of --sft and --aligned, and goes with no --adapter: give one"
                    + " or the other");
        }
        if (sft != null && aligned == null && adapters.isEmpty()) {
            throw usage("--sft needs --aligned");
        }
        if (sft == null && checkpoints.isEmpty() && !(adapters.isEmpty() && deltas.isEmpty())) {
            throw usage("--adapter and --delta need --sft");
        }
        VerifyOptions.Builder options = VerifyOptions.builder();
        if (!checkpoints.isEmpty()) {
            options.inputs(like.in(
                    this, checked(() -> Ingredients.checkpoints(checkpoints).withDeltas(deltas))));
        } else if (aligned != null || sft != null) {
            Path model = Objects.requireNonNull(aligned == null ? sft : aligned);
            options.inputs(like.in(this, new Ingredients<>(Optional.ofNullable(sft), model, adapters, deltas)));
        }
        if (imatrix != null) {
            options.imatrix(ImatrixReader.read(imatrix));
        }
        nativeLibrary.loadIfAny(console());
        VerificationReport report = run.observed(console(), how -> Verifier.verify(file, options.build(), how));
        if (json()) {
            console().print(json(report));
        } else {
            print(report, console().out());
        }
        return report.passed() ? ExitCode.OK : ExitCode.VERIFICATION;
    }

    private static void print(VerificationReport report, PrintStream out) {
        List<Finding> findings = report.findings();
        Columns.printFinding(
                out,
                Printable.message(report.file().toString()) + ": "
                        + (report.passed() ? "ok" : Units.count(findings.size(), "finding")));
        report.recipe().ifPresent(recipe -> Columns.print(out, "  made with: " + Printable.line(describe(recipe))));
        if (report.tensors() > 0) {
            Columns.print(out, "  " + Units.count(report.tensors(), "tensor"));
        }
        report.checks()
                .forEach((check, outcome) ->
                        Columns.print(out, "  " + check.label() + ": " + describe(report, check, outcome)));
        report.notes().forEach(note -> Columns.printFinding(out, "  " + Printable.line(note.toString())));
        findings.stream()
                .limit(SHOWN_FINDINGS)
                .forEach(finding -> Columns.printFinding(out, "  " + Printable.line(finding.toString())));
        if (findings.size() > SHOWN_FINDINGS) {
            Columns.print(out, "  ... " + Units.count(findings.size() - SHOWN_FINDINGS) + " more");
        }
        hint(report).ifPresent(hint -> Columns.print(out, "  " + Printable.line(hint)));
    }

    /** What the file is, where it is no sound GGUF. */
    private static Optional<String> hint(VerificationReport report) {
        return Optional.of(report.file())
                .filter(_ -> report.checks().get(Check.STRUCTURE) == Outcome.FAILED)
                .map(file -> FileProbe.look(file).kindHint())
                .filter(hint -> !hint.isEmpty());
    }

    private static String describe(VerificationReport report, Check check, Outcome outcome) {
        return switch (outcome) {
            case PASSED -> "ok";
            case FAILED -> "failed";
            case OTHER_VERSION -> "ok, but for what another version of llama.cpp computes differently";
            case NOT_DONE ->
                "not checked"
                        + (switch (check) {
                            case STRUCTURE, FINITE_VALUES -> "";
                            case GGML_READER ->
                                report.checks().get(Check.STRUCTURE) == Outcome.PASSED
                                        ? ", needs llama.cpp's libraries, which are not there or not used"
                                        : "";
                            case CHECKSUMS, RECIPE, RECOMPUTATION -> wasRead(report) ? lacking(report, check) : "";
                        });
        };
    }

    /** Whether the file was good enough to look at its data. */
    private static boolean wasRead(VerificationReport report) {
        return report.checks().get(Check.FINITE_VALUES) != Outcome.NOT_DONE;
    }

    private static String lacking(VerificationReport report, Check check) {
        return switch (check) {
            case RECIPE -> ", the file carries none, or was made with an importance matrix (--imatrix)";
            case RECOMPUTATION ->
                ", needs its inputs ("
                        + (isPredicted(report) ? "--checkpoint STEP=FILE of each" : "--sft, --aligned")
                        + ")";
            case STRUCTURE, GGML_READER, FINITE_VALUES, CHECKSUMS -> ", the file carries none";
        };
    }

    private static boolean isPredicted(VerificationReport report) {
        return report.recipe()
                .filter(recipe -> recipe.models().trajectory().isPresent())
                .isPresent();
    }

    private static String describe(Recipe recipe) {
        String rules = String.join(" ", recipe.rules());
        String alpha = recipe.alpha().map(value -> "alpha " + value).orElse("no extrapolation");
        return "expo-gguf " + recipe.version() + ", llama.cpp " + recipe.llamaCppVersion() + ", " + alpha
                + (rules.isEmpty() ? "" : ", " + rules);
    }

    private static JsonObject json(VerificationReport report) {
        JsonObject document = Json.document("verify");
        document.addProperty("file", report.file().toString());
        document.addProperty("passed", report.passed());
        document.addProperty("tensors", report.tensors());
        document.addProperty("recomputed", report.recomputed());
        JsonObject checks = new JsonObject();
        report.checks().forEach((check, outcome) -> checks.addProperty(Words.hyphened(check), Words.hyphened(outcome)));
        document.add("checks", checks);
        document.add("recipe", report.recipe().map(VerifyCommand::json).orElse(null));
        document.add("findings", json(report.findings()));
        document.add("notes", json(report.notes()));
        hint(report).ifPresent(hint -> document.addProperty("hint", hint));
        return document;
    }

    private static JsonArray json(List<Finding> findings) {
        JsonArray array = new JsonArray();
        for (Finding finding : findings) {
            JsonObject one = new JsonObject();
            one.addProperty("tensor", finding.tensor().isEmpty() ? null : finding.tensor());
            one.addProperty("problem", finding.problem());
            array.add(one);
        }
        return array;
    }

    private static JsonObject json(Recipe recipe) {
        JsonObject document = new JsonObject();
        document.addProperty("version", recipe.version());
        document.addProperty("llamaCpp", recipe.llamaCppVersion());
        document.addProperty("alpha", recipe.alpha().orElse(null));
        document.add("rules", Json.strings(recipe.rules()));
        document.add("sftFiles", Json.strings(recipe.sftFiles()));
        document.add("sftSha256", Json.strings(recipe.sftDigests()));
        document.add("alignedFiles", Json.strings(recipe.alignedFiles()));
        document.add("alignedSha256", Json.strings(recipe.alignedDigests()));
        document.add("adapters", FurtherJson.adapters(recipe.models(), true));
        document.add("deltas", FurtherJson.deltas(recipe.models(), true));
        if (recipe.models().trajectory().isPresent()) {
            document.add("checkpoints", FurtherJson.checkpoints(recipe.models(), true));
        }
        document.addProperty("imatrixSha256", recipe.imatrixDigest().orElse(null));
        return document;
    }
}
