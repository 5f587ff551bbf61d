package io.github.expogguf.search.votes;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.demo.GuideReward;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.PreferenceFile;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Records what {@link GuideVoters} hear of pairs and questions that no constant was chosen by. Argument: the file to
 * write, {@code src/test/resources/io/github/expogguf/search/votes/other-answers.txt}.
 */
final class RecordAnswers {

    private static final List<List<String>> PAIRS = List.of(
            List.of("sft", "dpo-10"),
            List.of("sft", "dpo-20"),
            List.of("sft", "dpo-100"),
            List.of("dpo-10", "dpo-20"),
            List.of("dpo-10", "dpo-100"),
            List.of("dpo-20", "dpo-100"));
    private static final int ANSWERS = 3; // to each question
    private static final int SEED = 10_000;
    private static final GenerationOptions HOW = GenerationOptions.greedy(64)
            .withSampling(SamplingOptions.seeded(SEED).withTemperature(0.8f));

    private RecordAnswers() {}

    public static void main(String[] arguments) throws IOException {
        Set<String> tunedOn = PromptFile.read(DemoFiles.DIRECTORY.resolve("prompts.jsonl")).stream()
                .map(Prompt::text)
                .collect(Collectors.toSet());
        List<Prompt> prompts = PreferenceFile.read(DemoFiles.DIRECTORY.resolve("preferences.jsonl")).stream()
                .map(pair -> pair.messages().getLast().content())
                .distinct()
                .filter(text -> !tunedOn.contains(text))
                .flatMap(text -> Collections.nCopies(ANSWERS, Prompt.of(text)).stream())
                .toList();
        List<String> lines = new ArrayList<>();
        for (List<String> pair : PAIRS) {
            lines.addAll(record(pair.get(0), pair.get(1), prompts));
        }
        Files.write(Path.of(arguments[0]), lines);
    }

    private static List<String> record(String sft, String aligned, List<Prompt> prompts) throws IOException {
        PlanOptions options =
                PlanOptions.builder().alpha(0).fileType(FileType.F16).build();
        List<String> lines = new ArrayList<>();
        try (Extrapolator pair = Extrapolator.open(model(sft), model(aligned));
                LiveModel live = LiveModel.open(pair, options, WorkOptions.defaults())) {
            DeltaDistance distance =
                    DeltaDistance.of(pair.sample(Extrapolator.SAMPLE_ELEMENTS, WorkOptions.defaults()));
            OptionalDouble start = distance.alphaAt(DeltaDistance.SUGGESTED);
            System.out.println(sft + " " + aligned + ": " + prompts.size() + " answers, start " + start);
            List<Map<String, Character>> texts = new ArrayList<>();
            prompts.forEach(_ -> texts.add(new HashMap<>()));
            for (float alpha : Candidates.within(distance)) {
                live.setAlpha(alpha);
                List<Answer> answers = Answers.generate(
                        live.model(), prompts, HOW, ComputeOptions.defaults().withSequences(32));
                StringBuilder line = new StringBuilder(sft + ">" + aligned + " " + alpha);
                for (int i = 0; i < answers.size(); i++) {
                    Answer answer = answers.get(i);
                    Map<String, Character> known = texts.get(i);
                    char letter = known.computeIfAbsent(answer.text(), _ -> (char) ('a' + known.size()));
                    double reward = GuideReward.attributes(answer.prompt().text(), answer.text())
                            .reward();
                    line.append(String.format(Locale.ROOT, " %.1f%c", reward, letter));
                }
                lines.add(line.toString());
            }
        }
        return lines;
    }

    private static Path model(String name) {
        return DemoFiles.DIRECTORY.resolve("guide-" + name + "-f16.gguf");
    }
}
