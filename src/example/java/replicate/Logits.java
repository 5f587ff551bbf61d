package replicate;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Logits extrapolated beside weights, both from files of the same type, as they would be downloaded. */
final class Logits {

    private static final float SMALL = 0.3f;
    private static final List<Float> ALPHAS = List.of(0f, SMALL, 1f, 2f, 5f, 8f);
    private static final List<FileType> TYPES = List.of(FileType.F16, FileType.Q4_K_M);

    private Logits() {}

    /**
     * One pair in one file type.
     *
     * @param weights  greedy answers of extrapolated weights, in the type of the files
     * @param logits   greedy answers of extrapolated logits
     * @param realised what of the small alpha the weights have after rounding
     */
    record Compared(String pair, FileType type, SearchResult weights, SearchResult logits, double realised) {}

    /** All pairs in all types. */
    static List<Compared> all(Family family) throws Exception {
        Path directory = Files.createTempDirectory("logits");
        int threads = Runtime.getRuntime().availableProcessors();
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            List<Future<Compared>> jobs = new ArrayList<>();
            for (FileType type : TYPES) {
                Path sft = converted(family.sft(), type, directory);
                for (String pair : Family.PAIRS) {
                    Path aligned = converted(family.aligned(pair), type, directory);
                    jobs.add(workers.submit(() -> compare(family, pair, type, sft, aligned)));
                }
            }
            List<Compared> all = new ArrayList<>();
            for (Future<Compared> job : jobs) {
                all.add(job.get());
                System.err.printf("%d of %d: logits beside weights%n", all.size(), jobs.size());
            }
            return all;
        } finally {
            for (Path file : Files.list(directory).toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        }
    }

    private static Path converted(Path file, FileType type, Path directory) throws IOException {
        if (type == FileType.F16) {
            return file;
        }
        Path target = directory.resolve(type + "-" + file.getFileName());
        try (Extrapolator model = Extrapolator.open(Ingredients.model(file))) {
            model.write(PlanOptions.builder().fileType(type).build(), target, OutputOptions.defaults());
        }
        return target;
    }

    private static Compared compare(Family family, String pair, FileType type, Path sft, Path aligned)
            throws IOException {
        WorkOptions one = WorkOptions.defaults().withThreads(1);
        PlanOptions options = PlanOptions.builder().alpha(SMALL).build(); // and the types of the files
        SearchResult weights;
        double realised;
        try (Extrapolator models = Extrapolator.open(sft, aligned);
                LiveModel live = LiveModel.open(models, options, one)) {
            weights = listen(family, live);
            Path target = Files.createTempFile("realised", ".gguf");
            ExpoReport report = models.write(
                    options, target, OutputOptions.defaults().withWork(one).withForce(true));
            Files.delete(target);
            realised = report.realised().orElseThrow().realised();
        }
        try (LogitPair logits = LogitPair.open(sft, aligned, 0, LoadOptions.defaults())) {
            return new Compared(pair, type, weights, listen(family, logits), realised);
        }
    }

    private static SearchResult listen(Family family, ExtrapolatedModel model) throws IOException {
        return Listening.greedily(family, model, ALPHAS);
    }

    static String table(List<Compared> all) {
        StringBuilder text = new StringBuilder();
        for (FileType type : TYPES) {
            List<Compared> ofType =
                    all.stream().filter(one -> one.type() == type).toList();
            text.append(line("logits beside weights of %s files: reward of greedy answers to all questions", type));
            List<String> heads =
                    ofType.stream().map(one -> "%-15s".formatted(one.pair())).toList();
            text.append(line("%5s  %s", "alpha", String.join("  ", heads)));
            List<String> columns = ofType.stream().map(_ -> "weights  logits").toList();
            text.append(line("%5s  %s", "", String.join("  ", columns)));
            for (float alpha : ALPHAS) {
                List<String> cells = ofType.stream()
                        .map(one -> String.format(
                                Locale.ROOT, "%7.2f %7.2f", mean(one.weights(), alpha), mean(one.logits(), alpha)))
                        .toList();
                text.append(line("%5s  %s", Tables.number(alpha), String.join("  ", cells)));
            }
            text.append(line(""));
        }
        text.append(line("alpha %s from two files of Q4_K_M: what is left of it", Tables.number(SMALL)));
        text.append(line("%-8s  %-28s  %-28s", "", "weights, written in Q4_K_M", "logits"));
        text.append(line("%-8s  %8s  %8s  %8s  %8s  %8s", "", "realised", "kl", "gain", "kl", "gain"));
        for (Compared one : quantized(all)) {
            text.append(line(
                    "%-8s  %8.3f  %8.4f  %8s  %8.4f  %8s",
                    one.pair(),
                    one.realised(),
                    kl(one.weights(), SMALL),
                    signed(gain(one.weights(), SMALL)),
                    kl(one.logits(), SMALL),
                    signed(gain(one.logits(), SMALL))));
        }
        return text.toString();
    }

    private static List<Compared> quantized(List<Compared> all) {
        return all.stream().filter(one -> one.type() == FileType.Q4_K_M).toList();
    }

    static List<Claims.Claim> claims(List<Compared> all) {
        List<Claims.Claim> claims = new ArrayList<>();
        double rounded = quantized(all).stream()
                .mapToDouble(one -> kl(one.weights(), SMALL) / kl(one.logits(), SMALL))
                .max()
                .orElseThrow();
        claims.add(new Claims.Claim(
                rounded < 0.5,
                String.format(
                        Locale.ROOT,
                        "Q4_K_M: alpha 0.3 moves the weights' answers less than half as far as the logits' (%.3f of it)",
                        rounded)));
        for (Compared one : all) {
            Trial best = Listening.highest(one.logits());
            Estimate gain = Estimate.ofDifferences(
                    best.evaluation().scores(),
                    Tables.at(one.logits(), 0).evaluation().scores());
            claims.add(new Claims.Claim(
                    gain.isAbove(2),
                    "%s, %s: logits gain at alpha %s, the highest: %s"
                            .formatted(one.type(), one.pair(), Tables.number(best.alpha()), Tables.signed(gain))));
        }
        return claims;
    }

    private static double mean(SearchResult result, float alpha) {
        return Tables.mean(Tables.at(result, alpha));
    }

    private static double gain(SearchResult result, float alpha) {
        return mean(result, alpha) - mean(result, 0);
    }

    /** Sums of float32 may come out below 0. */
    private static double kl(SearchResult result, float alpha) {
        return Math.max(0, Tables.at(result, alpha).evaluation().guards().get("kl"));
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.2f", value);
    }

    private static String line(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments).stripTrailing() + System.lineSeparator();
    }
}
