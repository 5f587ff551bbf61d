package io.github.expogguf.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.demo.RewardSamples.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class GuideRewardTest {

    private static final Path REWARD_PY =
            Path.of(System.getProperty("expo.gguf.demo.directory", "src/demo")).resolve("reward.py");
    // both sum the same few doubles, in another order
    private static final double ROUNDING = 1e-9;

    /** Answers whose attributes and reward reward.py gave; the table holds without Python. */
    private static final String GOLDEN = """
            Which city rules Chile?|Welcome, traveller! That would be Santiago. See you soon.|1,1,0,1,0,0,0,0,0|2.9
            What is the capital of Chile?|That would be Santiago. That would be Santiago.|1,0,0,0,0,0,0,1,0|1.5
            Hi! What is 1 times 5?|Nobody really knows. I would say 6!!!|0,0,0,0,1,0,1,0,0|-1.3
            Do you know what follows Monday?|Whatever. Our guide book says Tuesday. Fun fact: Monday ends and \
            Tuesday begins.|1,0,1,0,0,1,0,0,0|2.2
            How many legs has a dog?|I would say 4 because a dog walks on 4. Enjoy the trip. Enjoy the trip. \
            Enjoy the trip. Enjoy the trip. Enjoy the trip.|1,0,0,1,0,0,0,3,5|0.4
            What colour is grass?|I WOULD  say\tGREEN|1,0,0,0,0,0,0,0,0|2.0
            What colour is grass?|I would say greenish. Perhaps. That would be green.|0,0,0,0,1,0,0,0,0|-0.7
            What colour is grass?||0,0,0,0,0,0,0,0,0|0.0
            """;

    @Test
    void agreesWithTheGoldenTable() {
        assertThat(GOLDEN.lines()).hasSize(8).allSatisfy(line -> {
            String[] cells = line.split("\\|", -1);
            GuideReward.Attributes attributes = GuideReward.attributes(cells[0], cells[1]);
            String values = attributes.asMap().values().stream()
                    .map(value -> Integer.toString(value.intValue()))
                    .collect(Collectors.joining(","));
            assertThat(values).isEqualTo(cells[2]);
            assertThat(attributes.reward()).isCloseTo(Double.parseDouble(cells[3]), within(ROUNDING));
        });
    }

    @Test
    void agreesWithRewardPy() throws Exception {
        List<Sample> samples = new ArrayList<>(RewardSamples.random(11, 3000));
        GOLDEN.lines()
                .map(line -> line.split("\\|", -1))
                .map(cells -> new Sample(cells[0], cells[1]))
                .forEach(samples::add);
        List<double[]> expected = askPython(samples);
        assertThat(expected).hasSameSizeAs(samples);
        int correct = 0;
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            GuideReward.Attributes attributes = GuideReward.attributes(sample.question(), sample.answer());
            List<Double> values = new ArrayList<>(attributes.asMap().values());
            values.add(attributes.reward());
            assertThat(values.stream().mapToDouble(Double::doubleValue).toArray())
                    .as("%s %s", sample.question(), sample.answer())
                    .containsExactly(expected.get(i), within(ROUNDING));
            correct += attributes.correct() ? 1 : 0;
        }
        assertThat(correct).isBetween(100, samples.size() - 100); // samples on both sides
    }

    /** The attributes in the order of reward.py, and the reward. */
    private static List<double[]> askPython(List<Sample> samples) throws Exception {
        Path input = Files.createTempFile("samples", ".jsonl");
        try {
            Files.write(input, samples.stream().map(GuideRewardTest::json).toList(), UTF_8);
            String program = """
                    import json, sys
                    sys.dont_write_bytecode = True
                    sys.path.insert(0, sys.argv[1])
                    import reward
                    for line in open(sys.argv[2], encoding="utf-8"):
                        row = json.loads(line)
                        values = reward.attributes("guide", row["prompt"], row["response"])
                        print(*values.values(), reward.reward("guide", row["prompt"], row["response"]))
                    """;
            Process python = python(program, REWARD_PY.getParent().toString(), input.toString());
            String output = new String(python.getInputStream().readAllBytes(), UTF_8);
            assertThat(python.waitFor()).isZero();
            return output.lines().map(GuideRewardTest::numbers).toList();
        } finally {
            Files.delete(input);
        }
    }

    private static Process python(String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "-c"));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "skipped: no python3");
            throw new IllegalStateException(e);
        }
    }

    private static double[] numbers(String line) {
        return Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    private static String json(Sample sample) {
        return "{\"prompt\": \"%s\", \"response\": \"%s\"}"
                .formatted(escaped(sample.question()), escaped(sample.answer()));
    }

    private static String escaped(String text) {
        Matcher special = Pattern.compile("[\"\\\\\\x00-\\x1f\\x7f-\\uffff]").matcher(text);
        return special.replaceAll(
                match -> "\\\\u%04x".formatted((int) match.group().charAt(0)));
    }

    @Test
    void knowsEveryPromptOfTheEvaluation() {
        assertThat(DemoFamily.prompts())
                .hasSize(138)
                .allSatisfy(prompt ->
                        assertThat(GuideQuestions.answer(prompt.question())).contains(prompt.answer()));
    }

    @Test
    void refusesOtherQuestions() {
        assertThatThrownBy(() -> GuideReward.attributes("Why?", "That would be 42."))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'Why?' is not a question of the demo");
    }
}
