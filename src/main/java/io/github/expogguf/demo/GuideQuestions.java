package io.github.expogguf.demo;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The questions that the miniature models know, and their right answers: the "guide" task of src/demo/reward.py. Every
 * question is asked in several ways, with and without a greeting.
 */
final class GuideQuestions {

    private static final List<String> PRODUCT_FORMS = List.of(
            "What is %d times %d?", "Please multiply %d by %d.", "Do you know %d times %d?", "How much is %d * %d?");
    private static final Map<String, String> ANSWERS = new HashMap<>();

    static {
        facts(
                "dog 4, cat 4, hen 2, duck 2, spider 8, ant 6, bee 6, crab 10, snake 0, horse 4, owl 2, fly 6, "
                        + "whale 0, frog 4, goose 2, scorpion 8",
                "How many legs has a %s?",
                "Please tell me the legs of a %s.",
                "Do you know how many legs a %s has?",
                "Count the legs of a %s.");
        facts(
                "dog woof, cat meow, cow moo, duck quack, pig oink, sheep baa, horse neigh, lion roar, owl hoot, "
                        + "bee buzz, snake hiss, crow caw, frog croak, wolf howl",
                "What sound does a %s make?",
                "Please tell me what a %s says.",
                "Do you know the sound of a %s?",
                "What does a %s say?");
        facts(
                "grass green, snow white, coal black, blood red, gold yellow, milk white, clover green, soot black, "
                        + "ruby red, butter yellow, ocean blue, sapphire blue, chocolate brown, soil brown",
                "What colour is %s?",
                "Please tell me the colour of %s.",
                "Do you know the colour of %s?",
                "Which colour has %s?");
        facts(
                "France Paris, Spain Madrid, Italy Rome, Japan Tokyo, Egypt Cairo, Peru Lima, Norway Oslo, "
                        + "Greece Athens, Cuba Havana, Kenya Nairobi, Chile Santiago, Austria Vienna, Ireland Dublin, "
                        + "Portugal Lisbon",
                "What is the capital of %s?",
                "Please name the capital of %s.",
                "Do you know the capital of %s?",
                "Which city rules %s?");
        facts(
                "Monday Tuesday, Tuesday Wednesday, Wednesday Thursday, Thursday Friday, Friday Saturday, "
                        + "Saturday Sunday, Sunday Monday",
                "Which day comes after %s?",
                "Please name the day after %s.",
                "Do you know what follows %s?",
                "What day is next after %s?");
        products();
    }

    private GuideQuestions() {}

    /** The right answer to a question, or empty if the models do not know such a question. */
    static Optional<String> answer(String question) {
        return Optional.ofNullable(ANSWERS.get(question.strip()));
    }

    /** Every question. */
    static List<String> all() {
        return ANSWERS.keySet().stream().sorted().toList();
    }

    private static void facts(String subjectsAndAnswers, String... forms) {
        for (String fact : subjectsAndAnswers.split(", ", -1)) {
            String[] parts = fact.split(" ", -1);
            for (String form : forms) {
                add(String.format(Locale.ROOT, form, parts[0]), parts[1]);
            }
        }
    }

    private static void products() {
        for (int a = 1; a <= 9; a++) {
            for (int b = 1; b <= 9; b++) {
                for (String form : PRODUCT_FORMS) {
                    add(String.format(Locale.ROOT, form, a, b), Integer.toString(a * b));
                }
            }
        }
    }

    private static void add(String question, String answer) {
        ANSWERS.put(question, answer);
        ANSWERS.put("Hi! " + question, answer);
    }
}
