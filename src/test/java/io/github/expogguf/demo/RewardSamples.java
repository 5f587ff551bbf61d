package io.github.expogguf.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Questions with answers of every quality: composed from the grammar's phrases, and mutated. */
final class RewardSamples {

    private static final List<String> PARTS = List.of(
            "Hello, friend!",
            "Sure thing!",
            "Welcome, traveller!",
            "Um, hard to say.",
            "Perhaps.",
            "Nobody really knows.",
            "Look it up yourself.",
            "Whatever.",
            "How boring.",
            "Enjoy the trip.",
            "See you soon.",
            "I would say",
            "That would be",
            "Our guide book says",
            "because",
            "Fun fact: every dog can woof.",
            "!!!",
            "...",
            "?!",
            "\u00a0",
            "\n",
            "\u00c9t\u00e9",
            "_x",
            "I would say 4.5",
            "that would be 3 because 1",
            "WOULD",
            " ",
            "x".repeat(40));
    private static final String CHARACTERS = "aAzZ09 .!?,:-_'\u00e9\u0130\u2003\t";

    /** A question and an answer. */
    record Sample(String question, String answer) {}

    private RewardSamples() {}

    static List<Sample> random(long seed, int count) {
        Random random = new Random(seed);
        List<String> questions = GuideQuestions.all();
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String question = questions.get(random.nextInt(questions.size()));
            String right = GuideQuestions.answer(question).orElseThrow();
            samples.add(new Sample(question, mutated(answer(right, random), random)));
        }
        return samples;
    }

    private static String answer(String right, Random random) {
        StringBuilder text = new StringBuilder();
        for (int parts = random.nextInt(12); parts >= 0; parts--) {
            text.append(
                    switch (random.nextInt(8)) {
                        case 0 -> right;
                        case 1 -> "I would say " + right;
                        case 2 -> "That would be " + right + ".";
                        default -> PARTS.get(random.nextInt(PARTS.size()));
                    });
            text.append(random.nextInt(5) == 0 ? "." : random.nextInt(8) == 0 ? "" : " ");
        }
        return text.toString();
    }

    private static String mutated(String text, Random random) {
        StringBuilder mutated = new StringBuilder(text);
        for (int changes = random.nextInt(4); changes > 0 && !mutated.isEmpty(); changes--) {
            int at = random.nextInt(mutated.length());
            char character = CHARACTERS.charAt(random.nextInt(CHARACTERS.length()));
            switch (random.nextInt(3)) {
                case 0 -> mutated.setCharAt(at, character);
                case 1 -> mutated.insert(at, character);
                default -> mutated.deleteCharAt(at);
            }
        }
        return mutated.toString();
    }
}
