package io.github.expogguf.score;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The words of a text: what stands between white space; in scripts that are written without spaces every character. */
final class AnswerWords {

    private static final Set<Character.UnicodeScript> WITHOUT_SPACES = Set.of(
            Character.UnicodeScript.HAN,
            Character.UnicodeScript.HIRAGANA,
            Character.UnicodeScript.KATAKANA,
            Character.UnicodeScript.THAI,
            Character.UnicodeScript.LAO,
            Character.UnicodeScript.KHMER,
            Character.UnicodeScript.MYANMAR);

    private AnswerWords() {}

    static List<String> of(String text) {
        String spaced = text.codePoints()
                .mapToObj(character -> WITHOUT_SPACES.contains(Character.UnicodeScript.of(character))
                        ? " " + Character.toString(character) + " "
                        : Character.isSpaceChar(character) ? " " : Character.toString(character))
                .collect(Collectors.joining());
        List<String> words = new ArrayList<>(List.of(spaced.split("\\s+")));
        words.removeIf(String::isEmpty);
        return words;
    }
}
