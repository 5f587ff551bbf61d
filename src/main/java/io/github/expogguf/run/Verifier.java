package io.github.expogguf.run;

import io.github.expogguf.ExpoException;
import io.github.expogguf.GgufFormatException;
import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.PlanOptions;
import io.github.expogguf.plan.Recipe;
import io.github.expogguf.plan.TypeChooser;
import io.github.expogguf.quant.Imatrix;
import io.github.expogguf.verify.Finding;
import io.github.expogguf.verify.NativeHeaderCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Proves a file: the structure, by our reader and by ggml's; finite values; agreement with the recipe that it carries; and, given
 * the inputs, every byte of every tensor by computing it again. Findings are collected, not thrown; only what keeps the check
 * itself from running is (a file that cannot be opened, inputs that are broken).
 */
public final class Verifier {

    private final Path file;
    private final OutputOptions how;
    private final List<Finding> findings = new ArrayList<>();

    private Verifier(Path file, OutputOptions how) {
        this.file = file;
        this.how = how;
    }

    /** The models that a file was made from. */
    public record Inputs(Optional<Path> sft, Path aligned) {}

    /**
     * Verifies a file, or the set that a shard belongs to.
     *
     * @param file    the file
     * @param inputs  what it was made from, to compute it again; empty to look at the file alone
     * @param imatrix the importance matrix it was made with, if there was one; without it neither the types of its tensors
     *                can be compared with the recipe nor their bytes computed
     * @param how     threads, listener and cancellation
     * @throws IOException if a file cannot be read
     */
    public static VerificationReport verify(
            Path file, Optional<Inputs> inputs, Optional<Imatrix> imatrix, OutputOptions how) throws IOException {
        return new Verifier(file, how).run(inputs, imatrix);
    }

    private VerificationReport run(Optional<Inputs> inputs, Optional<Imatrix> imatrix) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            NativeHeaderCheck.check(model);
            findings.addAll(FiniteValues.check(model, how));
            Optional<Recipe> recipe = recipe(model.header());
            Optional<PlanOptions> options = recipe.flatMap(found -> options(found, imatrix));
            options.ifPresent(found -> checkTypes(model.header(), found));
            boolean recomputed = false;
            if (inputs.isPresent()) {
                recomputed = recompute(model, recipe, options, inputs.get());
            }
            return new VerificationReport(file, model.header().tensors().size(), recipe, recomputed, findings);
        } catch (GgufFormatException e) {
            findings.add(Finding.ofFile(e.getMessage()));
            return new VerificationReport(file, 0, Optional.empty(), false, findings);
        }
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
            return Optional.of(recipe.options(imatrix));
        } catch (VerificationException | IllegalArgumentException e) {
            findings.add(Finding.ofFile(e.getMessage()));
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
                        tensor.name(), "is of type " + tensor.type() + ", expected " + expected.get(i) + " by the recipe"));
            }
        }
    }

    private boolean recompute(
            GgufModel model, Optional<Recipe> recipe, Optional<PlanOptions> options, Inputs inputs) throws IOException {
        if (recipe.isEmpty()) {
            findings.add(Finding.ofFile("carries no recipe (expo.*), so that it cannot be computed again"));
            return false;
        }
        if (options.isEmpty()) {
            findings.add(Finding.ofFile("was made with an importance matrix (" + recipe.get().imatrixFile().orElse("unnamed")
                    + "), which is needed to compute it again"));
            return false;
        }
        return new Recomputation(model, recipe.get(), options.get(), how).run(inputs, findings);
    }
}
