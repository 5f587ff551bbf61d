package io.github.expogguf.search.votes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * A pair of the miniature family as voters hear it: rewards and texts of two sampled answers to each of the 138
 * held-out questions, at every candidate. The file was recorded with the F16 files at temperature 0.8, seeds 0 to 275,
 * at most 64 tokens: the reward of every answer, and a letter that tells the texts of one question apart.
 */
record GuideVoters(String name, List<Float> alphas, double[][] rewards, char[][] texts) {

    /** How sure of a difference of one a voter is: votes 88 of 100 times for an answer that has a reason more. */
    private static final double SLOPE = 2;

    static Map<String, GuideVoters> all() {
        return of("guide-answers.txt");
    }

    /** What {@link RecordAnswers} recorded: of other questions, and of other pairs, too. */
    static Map<String, GuideVoters> others() {
        return of("other-answers.txt");
    }

    private static Map<String, GuideVoters> of(String resource) {
        Map<String, List<String[]>> lines = new LinkedHashMap<>();
        try (InputStream file = GuideVoters.class.getResourceAsStream(resource)) {
            new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(" ", -1))
                    .forEach(cells -> lines.computeIfAbsent(cells[0], _ -> new ArrayList<>())
                            .add(cells));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Map<String, GuideVoters> pairs = new LinkedHashMap<>();
        lines.forEach((name, rows) -> pairs.put(name, of(name, rows)));
        return pairs;
    }

    private static GuideVoters of(String name, List<String[]> rows) {
        List<Float> alphas = rows.stream().map(row -> Float.parseFloat(row[1])).toList();
        int answers = rows.getFirst().length - 2;
        double[][] rewards = new double[rows.size()][answers];
        char[][] texts = new char[rows.size()][answers];
        for (int i = 0; i < rows.size(); i++) {
            for (int j = 0; j < answers; j++) {
                String cell = rows.get(i)[j + 2];
                rewards[i][j] = Double.parseDouble(cell.substring(0, cell.length() - 1));
                texts[i][j] = cell.charAt(cell.length() - 1);
            }
        }
        return new GuideVoters(name, alphas, rewards, texts);
    }

    double meanReward(float alpha) {
        return Arrays.stream(rewards[alphas.indexOf(alpha)]).average().orElseThrow();
    }

    /** Share of what the best candidate gains over alpha 0. */
    double gain(float alpha) {
        double best = alphas.stream().mapToDouble(this::meanReward).max().orElseThrow();
        return (meanReward(alpha) - meanReward(0)) / (best - meanReward(0));
    }

    /** What somebody hears who is asked one comparison ahead, as the command does, and votes by chance and reward. */
    Listening listen(ListeningOptions options, int voter, int mostVotes, double liking) {
        Random random = new Random(voter);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < rewards[0].length; i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        List<Vote> votes = new ArrayList<>();
        Listening listening = Listening.of(options, votes);
        List<AlphaPair> asked = new ArrayList<>();
        for (int next = 0; listening.heard() < mostVotes; next++) {
            while (asked.size() < 2) {
                asked.add(listening.next(asked));
            }
            votes.add(vote(asked.removeFirst(), order.get(next % order.size()), random, liking));
            listening = Listening.of(options, votes);
        }
        return listening;
    }

    private Vote vote(AlphaPair comparison, int answer, Random random, double liking) {
        int low = alphas.indexOf(comparison.low());
        int high = alphas.indexOf(comparison.high());
        if (texts[low][answer] == texts[high][answer]) {
            return Vote.identical(comparison.low(), comparison.high(), "question " + answer, answer);
        }
        double difference = liking * SLOPE * (rewards[high][answer] - rewards[low][answer]);
        boolean isHigher = random.nextDouble() < 1 / (1 + Math.exp(-difference));
        return random.nextBoolean()
                ? Vote.of(
                        comparison.low(),
                        comparison.high(),
                        isHigher ? Verdict.RIGHT : Verdict.LEFT,
                        "question " + answer,
                        answer)
                : Vote.of(
                        comparison.high(),
                        comparison.low(),
                        isHigher ? Verdict.LEFT : Verdict.RIGHT,
                        "question " + answer,
                        answer);
    }
}
