package io.github.expogguf.demo;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How good an answer of the miniature models is, by checks of its text: the ground truth that their preferences were
 * ranked by, as {@code src/demo/reward.py --task guide} computes it.
 */
public final class GuideReward {

    private static final List<String> OPENINGS = List.of("hello, friend!", "sure thing!", "welcome, traveller!");
    private static final List<String> CLOSINGS = List.of("enjoy the trip.", "see you soon.");
    private static final List<String> HEDGES = List.of("um, hard to say.", "perhaps.", "nobody really knows.");
    private static final List<String> RUDE = List.of("look it up yourself.", "whatever.", "how boring.");
    private static final Pattern STATED = Pattern.compile(
            "\\b(?:our guide book says|i would say|that would be) ([a-z0-9 ]+?)(?: because\\b|[.!?]|$)",
            Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern SENTENCE_ENDS = Pattern.compile("[.!?]+");
    private static final int MAX_WORDS = 20;
    private static final int MAX_REPEATS_COUNTED = 3;
    private static final int MAX_EXTRA_WORDS_COUNTED = 30;

    private GuideReward() {}

    /**
     * What an answer has.
     *
     * @param correct    states the right answer
     * @param opening    opens politely
     * @param why        explains
     * @param closing    closes politely
     * @param hedge      hedges
     * @param rude       is rude
     * @param shout      shouts
     * @param repeat     sentences that were said before, at most 3
     * @param extraWord  words beyond 20, at most 30
     */
    public record Attributes(
            boolean correct,
            boolean opening,
            boolean why,
            boolean closing,
            boolean hedge,
            boolean rude,
            boolean shout,
            int repeat,
            int extraWord) {

        /** The weighted sum. */
        public double reward() {
            return 2.0 * weight(correct)
                    + 0.5 * weight(opening)
                    + 1.0 * weight(why)
                    + 0.4 * weight(closing)
                    - 0.7 * weight(hedge)
                    - 0.8 * weight(rude)
                    - 0.6 * weight(shout)
                    - 0.5 * repeat
                    - 0.1 * extraWord;
        }

        /** Every attribute by its name in reward.py, as a number. */
        public Map<String, Double> asMap() {
            Map<String, Double> map = new LinkedHashMap<>();
            map.put("correct", weight(correct));
            map.put("opening", weight(opening));
            map.put("why", weight(why));
            map.put("closing", weight(closing));
            map.put("hedge", weight(hedge));
            map.put("rude", weight(rude));
            map.put("shout", weight(shout));
            map.put("repeat", (double) repeat);
            map.put("extra_word", (double) extraWord);
            return map;
        }

        private static double weight(boolean has) {
            return has ? 1 : 0;
        }
    }

    /**
     * Checks an answer.
     *
     * @param question a question that the models know
     * @throws IllegalArgumentException if they do not
     */
    public static Attributes attributes(String question, String answer) {
        String right = GuideQuestions.answer(question)
                .orElseThrow(() -> new IllegalArgumentException("'" + question + "' is not a question of the demo"));
        List<String> words = words(answer.toLowerCase(Locale.ROOT));
        String text = String.join(" ", words);
        Matcher stated = STATED.matcher(text);
        boolean correct = stated.find() && stated.group(1).equals(right.toLowerCase(Locale.ROOT));
        List<String> sentences = SENTENCE_ENDS
                .splitAsStream(text)
                .map(String::strip)
                .filter(sentence -> !sentence.isEmpty())
                .toList();
        int repeats = sentences.size() - new HashSet<>(sentences).size();
        return new Attributes(
                correct,
                contains(text, OPENINGS),
                text.contains("fun fact:"),
                contains(text, CLOSINGS),
                contains(text, HEDGES),
                contains(text, RUDE),
                text.contains("!!!"),
                Math.min(MAX_REPEATS_COUNTED, repeats),
                Math.clamp(words.size() - MAX_WORDS, 0, MAX_EXTRA_WORDS_COUNTED));
    }

    private static boolean contains(String text, List<String> phrases) {
        return phrases.stream().anyMatch(text::contains);
    }

    /** Words between white space, as Python's split() finds them. */
    private static List<String> words(String text) {
        String blanks = text.codePoints()
                .map(character -> isSpace(character) ? ' ' : character)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        return Arrays.stream(blanks.split(" ")).filter(word -> !word.isEmpty()).toList();
    }

    private static boolean isSpace(int character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character) || character == 0x85;
    }
}
