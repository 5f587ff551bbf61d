package replicate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.search.Estimate;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** The ways to an alpha, each as the command goes it by itself, and what the reward says of where it led. */
final class Ways {

    /** Part of the judged gain that preferences alone should reach where the aligned model saw little data. */
    private static final double GOOD_SHARE = 0.8;

    private static final List<String> LITTLE_DATA = List.of("dpo-10", "dpo-20");

    private static final String JUDGE = "a judge";
    private static final String PREFERENCES = "preferences";

    private final Family family;

    Ways(Family family) {
        this.family = family;
    }

    /**
     * One way for one pair.
     *
     * @param alpha that was chosen
     * @param gain  of sampled answers over those at alpha 0, by prompt
     * @param share of the gain that the judge's choice has
     * @param cost  for people
     */
    record Taken(String pair, String way, float alpha, Estimate reward, Estimate gain, double share, String cost) {}

    /** All ways for all pairs. */
    List<Taken> all() throws IOException, InterruptedException {
        List<Taken> all = new ArrayList<>();
        for (String pair : Family.PAIRS) {
            Map<String, Choice> choices = choices(pair);
            Map<Float, Estimate> rewards = new LinkedHashMap<>();
            Map<Float, List<Double>> scores = Listening.rewards(
                    family, pair, choices.values().stream().map(Choice::alpha).toList());
            scores.forEach((alpha, each) -> rewards.put(alpha, Estimate.of(each)));
            List<Double> aligned = scores.get(0f);
            Estimate judged =
                    Estimate.ofDifferences(scores.get(choices.get(JUDGE).alpha()), aligned);
            choices.forEach((way, choice) -> {
                Estimate gain = Estimate.ofDifferences(scores.get(choice.alpha()), aligned);
                all.add(new Taken(
                        pair,
                        way,
                        choice.alpha(),
                        rewards.get(choice.alpha()),
                        gain,
                        gain.mean() / judged.mean(),
                        choice.cost()));
            });
            System.err.printf("%s: every way taken%n", pair);
        }
        return all;
    }

    private record Choice(float alpha, String cost) {}

    private Map<String, Choice> choices(String pair) throws IOException, InterruptedException {
        String prompts = family.directory().resolve("prompts.jsonl").toString();
        String preferences = family.directory().resolve("preferences.jsonl").toString();
        String judge = "python3 '" + family.directory().resolve("judge.py") + "'";
        Map<String, Choice> choices = new LinkedHashMap<>();
        choices.put("alpha 0.3", new Choice(0.3f, "nothing"));
        choices.put("distance", byDistance(pair));
        choices.put("prompts", search(pair, "--prompts", prompts, "-n", "64"));
        choices.put(PREFERENCES, search(pair, "--preferences", preferences));
        choices.put(
                JUDGE,
                search(pair, "--prompts", prompts, "--judge", judge, "-n", "64", "--temp", "0.7", "--samples", "3"));
        return choices;
    }

    private Choice byDistance(String pair) throws IOException, InterruptedException {
        JsonObject plan = JsonParser.parseString(run(pair, "plan", "--distance", "1.2%", "--json"))
                .getAsJsonObject();
        float alpha = plan.getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject()
                .get("alpha")
                .getAsFloat();
        return new Choice(alpha, "a look at some rows");
    }

    private Choice search(String pair, String... arguments) throws IOException, InterruptedException {
        Path report = Files.createTempFile("search", ".json");
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addAll(List.of("--json", report.toString(), "--force"));
        run(pair, "search", words.toArray(String[]::new));
        JsonObject found = JsonParser.parseString(Files.readString(report)).getAsJsonObject();
        Files.delete(report);
        JsonElement best = found.get("best");
        float alpha =
                best.isJsonNull() ? 0 : best.getAsJsonObject().get("alpha").getAsFloat();
        return new Choice(
                alpha,
                String.format(
                        Locale.ROOT,
                        "%d models, %.0f s",
                        found.getAsJsonArray("evaluations").size(),
                        found.get("elapsedSeconds").getAsDouble()));
    }

    /** Runs the command in a process of its own, as a person would; returns what it prints. */
    private String run(String pair, String command, String... arguments) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.expogguf.cli.Main",
                command,
                "--sft",
                family.sft().toString(),
                "--aligned",
                family.aligned(pair).toString()));
        words.addAll(List.of(arguments));
        File log = File.createTempFile("ways", ".log");
        Process process = new ProcessBuilder(words).redirectError(log).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", words) + " failed: " + Files.readString(log.toPath()));
        }
        Files.delete(log.toPath());
        return printed;
    }

    static String table(List<Taken> all) {
        StringBuilder text = new StringBuilder(
                "ways to an alpha, F16 weights; rewards of sampled answers to all questions (± standard error)\n");
        text.append(String.format(
                Locale.ROOT,
                "%-8s %-12s %6s  %-12s %-14s %6s  %s%n",
                "",
                "way",
                "alpha",
                "reward",
                "gain",
                "share",
                "cost"));
        for (Taken taken : all) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-8s %-12s %6s  %-12s %-14s %5.0f %%  %s%n",
                    taken.pair(),
                    taken.way(),
                    Tables.number(taken.alpha()),
                    Tables.text(taken.reward()),
                    Tables.signed(taken.gain()),
                    100 * taken.share(),
                    taken.cost()));
        }
        return text.toString();
    }

    static List<Claims.Claim> claims(List<Taken> all) {
        List<Claims.Claim> claims = new ArrayList<>();
        for (String pair : LITTLE_DATA) {
            OptionalDouble share = all.stream()
                    .filter(taken -> taken.pair().equals(pair) && taken.way().equals(PREFERENCES))
                    .mapToDouble(Taken::share)
                    .findFirst();
            claims.add(new Claims.Claim(
                    share.orElseThrow() >= GOOD_SHARE,
                    String.format(
                            Locale.ROOT,
                            "%s: preferences alone reach %.0f %% of the judged gain",
                            pair,
                            100 * share.orElseThrow())));
        }
        Taken least = all.stream()
                .min((one, other) ->
                        Double.compare(one.gain().mean(), other.gain().mean()))
                .orElseThrow();
        claims.add(new Claims.Claim(
                least.gain().mean() > -least.gain().error(),
                "no way ends below alpha 0; the least is %s of %s: %s"
                        .formatted(least.way(), least.pair(), Tables.signed(least.gain()))));
        return claims;
    }
}
