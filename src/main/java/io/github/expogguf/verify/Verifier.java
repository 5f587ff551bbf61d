package io.github.expogguf.verify;

import io.github.expogguf.CancelledException;
import io.github.expogguf.ExpoException;
import io.github.expogguf.GgufFormatException;
import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.nativelib.NativeHeaderCheck;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.mixture.TypeChooser;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.pair.BlockCount;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.compute.DataScan;
import io.github.expogguf.run.compute.OwnThread;
import io.github.expogguf.verify.Check.Outcome;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Proves a file: the structure, by our reader and by ggml's; finite values; the checksums recorded when it was written;
 * agreement with the recipe that it carries; and, given the inputs, every byte of every tensor by computing it again.
 * The data is read once, and once more to compare it with what is computed, from inputs that are read once. Findings
 * are collected, not thrown; only what keeps the check itself from running is (a file that cannot be opened, inputs
 * that are broken).
 */
public final class Verifier {

    private final Path file;
    private final WorkOptions how;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Finding> notes = new ArrayList<>();
    private final Map<Check, Outcome> checks = new EnumMap<>(Check.class);

    private Verifier(Path file, WorkOptions how) {
        this.file = file;
        this.how = how;
        for (Check check : Check.values()) {
            checks.put(check, Outcome.NOT_DONE);
        }
    }

    /**
     * Verifies a file, or the set that a shard belongs to, without what it was made from.
     *
     * @param file the file
     * @param how  threads, listener and cancellation
     * @return what was found
     * @throws IOException        if a file cannot be read
     * @throws CancelledException if the cancellation was asked for or the caller interrupted
     */
    public static VerificationReport verify(Path file, WorkOptions how) throws IOException {
        return verify(file, VerifyOptions.defaults(), how);
    }

    /**
     * Same, and computes it again.
     *
     * @param file   the file
     * @param inputs what it was made from; what adapters and deltas weigh, the file itself says
     * @param how    threads, listener and cancellation
     * @return what was found
     * @throws IOException        if a file cannot be read
     * @throws CancelledException if the cancellation was asked for or the caller interrupted
     */
    public static VerificationReport verify(Path file, Ingredients<Path> inputs, WorkOptions how) throws IOException {
        return verify(file, VerifyOptions.builder().inputs(inputs).build(), how);
    }

    /**
     * Same, with all that it can be compared with.
     *
     * @param file    the file
     * @param options what it was made from and with, as far as that is at hand
     * @param how     threads, listener and cancellation
     * @return what was found
     * @throws IOException        if a file cannot be read
     * @throws CancelledException if the cancellation was asked for or the caller interrupted
     */
    public static VerificationReport verify(Path file, VerifyOptions options, WorkOptions how) throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(how, "how");
        return OwnThread.run(
                how.cancellation(),
                cancellation -> new Verifier(file, how.withCancellation(cancellation))
                        .run(options.inputs(), options.imatrix()));
    }

    private VerificationReport run(Optional<Ingredients<Path>> inputs, Optional<Imatrix> imatrix) throws IOException {
        Optional<GgufModel> opened = open();
        if (opened.isEmpty()) {
            return report(0, Optional.empty(), false);
        }
        try (GgufModel model = opened.get()) {
            VerificationReport report;
            try {
                report = run(model, inputs, imatrix);
            } catch (CancelledException cancelled) {
                throw cancelled;
            } catch (IOException | RuntimeException failure) {
                model.checkUnchangedAfter(failure);
                throw failure;
            }
            model.checkUnchanged(); // findings about a file that was written to meanwhile say nothing about either
            return report;
        }
    }

    private VerificationReport run(GgufModel model, Optional<Ingredients<Path>> inputs, Optional<Imatrix> imatrix)
            throws IOException {
        if (!ggmlAgrees(model)) {
            return report(0, Optional.empty(), false);
        }
        checkBlocks(model.header());
        checkData(model);
        int before = findings.size();
        Optional<Recipe> recipe = recipe(model.header());
        Optional<PlanOptions> options = recipe.flatMap(found -> options(found, imatrix));
        options.ifPresent(found -> checkTypes(model.header(), found));
        if (options.isPresent() || findings.size() > before) {
            ended(Check.RECIPE, before);
        }
        boolean recomputed = false;
        if (inputs.isPresent()) {
            before = findings.size();
            recomputed = recompute(model, recipe, options, inputs.get());
            ended(Check.RECOMPUTATION, before);
            if (findings.size() == before && !notes.isEmpty()) {
                checks.put(Check.RECOMPUTATION, Outcome.OTHER_VERSION);
            }
        }
        return report(model.header().tensors().size(), recipe, recomputed);
    }

    private Optional<GgufModel> open() throws IOException {
        try {
            Optional<GgufModel> model = Optional.of(GgufModel.open(file));
            ended(Check.STRUCTURE, 0);
            return model;
        } catch (GgufFormatException e) {
            findings.add(Finding.ofFile(e.getMessage()));
            ended(Check.STRUCTURE, 0);
            return Optional.empty();
        }
    }

    private boolean ggmlAgrees(GgufModel model) throws IOException {
        if (!NativeHeaderCheck.isPossible()) {
            return true;
        }
        int before = findings.size();
        try {
            NativeHeaderCheck.check(model.ggufFiles());
        } catch (GgufFormatException e) {
            findings.add(Finding.ofFile(e.getMessage()));
        }
        ended(Check.GGML_READER, before);
        return findings.size() == before;
    }

    /** What is announced and not there, or there and not announced, is a fault of the structure, too. */
    private void checkBlocks(ModelHeader header) {
        int before = findings.size();
        BlockCount.problems(header).forEach(problem -> findings.add(Finding.ofFile(problem)));
        if (findings.size() > before) {
            ended(Check.STRUCTURE, before);
        }
    }

    private void checkData(GgufModel model) throws IOException {
        DataScan scan = DataScan.of(model, how);
        int before = findings.size();
        scan.nonFinite().forEach(bad -> findings.add(new Finding(bad.tensor(), bad.problem())));
        ended(Check.FINITE_VALUES, before);
        before = findings.size();
        try {
            Optional<Checksums> recorded = Checksums.read(model.header().metadata());
            if (recorded.isPresent()) {
                findings.addAll(ChecksumCheck.header(model, recorded.get()));
                findings.addAll(ChecksumCheck.data(scan.checksums(), recorded.get()));
                ended(Check.CHECKSUMS, before);
            }
        } catch (VerificationException malformed) {
            findings.add(Finding.ofFile(malformed.getMessage()));
            ended(Check.CHECKSUMS, before);
        }
    }

    private void ended(Check check, int findingsBefore) {
        checks.put(check, findings.size() == findingsBefore ? Outcome.PASSED : Outcome.FAILED);
    }

    private VerificationReport report(int tensors, Optional<Recipe> recipe, boolean recomputed) {
        return new VerificationReport(file, tensors, recipe, recomputed, checks, findings, notes);
    }

    private Optional<Recipe> recipe(ModelHeader header) {
        try {
            return Recipe.read(header.metadata());
        } catch (VerificationException e) {
            findings.add(Finding.ofFile(e.getMessage()));
            return Optional.empty();
        }
    }

    private Optional<PlanOptions> options(Recipe recipe, Optional<Imatrix> imatrix) {
        if (recipe.usesImatrix() && imatrix.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(imatrix.isPresent() ? recipe.options(imatrix.get()) : recipe.options());
        } catch (VerificationException | IllegalArgumentException e) {
            findings.add(Finding.ofFile(String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    /** The types that the recipe leads to; they follow from the output's own shapes and hyper-parameters. */
    private void checkTypes(ModelHeader header, PlanOptions options) {
        List<GgmlType> expected;
        try {
            expected = TypeChooser.choose(header, options);
        } catch (ExpoException | IllegalArgumentException e) {
            findings.add(Finding.ofFile("the recipe does not fit the tensors: " + e.getMessage()));
            return;
        }
        for (int i = 0; i < expected.size(); i++) {
            TensorInfo tensor = header.tensors().get(i);
            if (tensor.type() != expected.get(i)) {
                findings.add(new Finding(
                        tensor.name(),
                        "is of type " + tensor.type() + ", expected " + expected.get(i) + " by the recipe"));
            }
        }
    }

    private boolean recompute(
            GgufModel model, Optional<Recipe> recipe, Optional<PlanOptions> options, Ingredients<Path> inputs)
            throws IOException {
        if (recipe.isEmpty()) {
            findings.add(Finding.ofFile("carries no recipe (expo.*), so that it cannot be computed again"));
            return false;
        }
        if (options.isEmpty()) {
            String dataset = model.header()
                    .metadata()
                    .string("quantize.imatrix.dataset")
                    .map(text -> ", of " + text)
                    .orElse("");
            findings.add(Finding.ofFile("was made with an importance matrix ("
                    + recipe.get().imatrixFile().orElse("unnamed") + dataset
                    + "), which is needed to compute it again"));
            return false;
        }
        return new Recomputation(model, recipe.get(), options.get(), inputs, how).run(findings, notes);
    }
}
