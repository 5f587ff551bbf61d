package io.github.expogguf.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.corpus.Grammars;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GrammarParserTest {

    private static GrammarState begin(String grammar) {
        return GrammarState.begin(GrammarParser.parse(grammar));
    }

    /** After a text; null where the grammar has no such text. */
    private static GrammarState after(String grammar, String text) {
        GrammarState state = begin(grammar);
        for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
            state = state == null ? null : state.afterByte(next);
        }
        return state;
    }

    private static void assertFollows(String grammar, String... texts) {
        for (String text : texts) {
            GrammarState state = after(grammar, text);
            assertThat(state != null && state.mayEnd()).as(text).isTrue();
        }
    }

    private static void assertDoesNotFollow(String grammar, String... texts) {
        for (String text : texts) {
            GrammarState state = after(grammar, text);
            assertThat(state != null && state.mayEnd()).as(text).isFalse();
        }
    }

    @Test
    void readsAlternativesGroupsAndRepetitions() {
        assertFollows("root ::= \"yes\" | \"no\"", "yes", "no");
        assertDoesNotFollow("root ::= \"yes\" | \"no\"", "", "y", "yesno", "maybe");
        String mixed = "root ::= (\"a\" | \"bc\")* \"d\"+ \"e\"? [0-9]{2} x{1,3} y{2,}\nx ::= \"x\"\ny ::= \"y\"";
        assertFollows(mixed, "d00xyy", "abcaddde42xxxyyyyy");
        assertDoesNotFollow(mixed, "d0xyy", "d000xyy", "d00yy", "d00xxxxyy", "d00xy", "bd00xyy");
        assertFollows("root ::= \"ab\"{0} \"c\" (\"d\" | ){3} ((\"e\"?)*)+", "c", "cdd", "ceee");
    }

    @Test
    void readsLinesCommentsAndEscapes() {
        String grammar = """
                # an answer
                root ::= first |   # goes on after a bar
                    (second
                     | third)   \r
                first ::= "\\x41\\u00e9\\U0001F600\\"\\\\\\n"
                second-2 ::= [^\\]\\-a-c]\tsecond
                third ::= [-x] .
                second ::= ""
                """;
        assertFollows(grammar, "A\u00e9\ud83d\ude00\"\\\n", "", "-\u4e16", "xx");
        assertDoesNotFollow(grammar, "A", "-", "yy");
        assertFollows("root ::= [^a-c\\]]", "d", "\u00e9", "\ud83d\ude00", "[");
        assertDoesNotFollow("root ::= [^a-c\\]]", "b", "]", "dd");
    }

    @Test
    void readsCharactersByteByByte() {
        byte[] text = "\u4e16".getBytes(StandardCharsets.UTF_8);
        GrammarState state = begin("root ::= [\u4e00-\u9fff]");
        for (int i = 0; i < text.length; i++) {
            assertThat(state.mayEnd()).isFalse();
            state = state.afterByte(text[i]);
        }
        assertThat(state.mustEnd()).isTrue();
        // no character of the range begins like that, and no text in UTF-8 like this
        assertThat(begin("root ::= [\u4e00-\u9fff]").afterByte((byte) 0xC3)).isNull();
        for (int wrong : new int[] {0, 0x80, 0xC0, 0xC1, 0xF5, 0xFF}) {
            assertThat(begin("root ::= .").afterByte((byte) wrong)).isNull();
        }
        assertThat(begin("root ::= .").afterByte((byte) 0xE0).afterByte((byte) 0x80))
                .isNull(); // overlong
        assertThat(begin("root ::= .").afterByte((byte) 0xED).afterByte((byte) 0xA0))
                .isNull(); // a surrogate
        assertThat(begin("root ::= .").afterByte((byte) 0xF4).afterByte((byte) 0x90))
                .isNull(); // beyond U+10FFFF
    }

    @Test
    void readsTokens() {
        GrammarState state = begin("root ::= <think> [a-z]+ !<[7]>");
        assertThat(state.namesTokens()).isTrue();
        Rules rules =
                GrammarParser.parse("root ::= <think> [a-z]+ !<[7]>").withTokens(name -> name.equals("<[7]>") ? 7 : 5);
        GrammarState begun = GrammarState.begin(rules);
        assertThat(begun.afterToken(4, "a".getBytes(StandardCharsets.UTF_8))).isNull();
        GrammarState thinking = begun.afterToken(5, new byte[0]).afterToken(4, "ab".getBytes(StandardCharsets.UTF_8));
        assertThat(thinking.afterToken(7, new byte[0])).isNull();
        assertThat(thinking.afterToken(8, new byte[0]).mustEnd()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = Grammars.REFUSED)
    void refusesWhatIsNoGrammar(String grammar, String message) {
        assertThatThrownBy(() -> GrammarParser.parse(grammar))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void refusesLeftRecursionThroughWhatMayBeEmpty() {
        List<String> messages = List.of(
                "line 1, column 1: rule 'root' begins with itself (left recursion)",
                "line 1, column 14: rule 'a' begins with itself (left recursion)",
                "line 1, column 21: rule 'a' begins with itself (left recursion)");
        for (int i = 0; i < messages.size(); i++) {
            String message = messages.get(i);
            String grammar = Grammars.LEFT_RECURSIVE.get(i);
            assertThatThrownBy(() -> GrammarParser.parse(grammar)).hasMessage(message);
        }
        String second = "root ::= \"a\"\nroot ::= \"b\"";
        assertThatThrownBy(() -> GrammarParser.parse(second)).hasMessage("line 2, column 1: a second rule 'root'");
    }

    @Test
    void followsRulesThatEndWithThemselves() {
        assertFollows("root ::= \"a\" root | \"b\"", "b", "ab", "aaaab");
        assertFollows("root ::= (\"a\"? \"b\"*)*", "", "a", "bab");
        assertFollows("root ::= \"(\" root \")\" | \"\"", "", "(())");
        assertDoesNotFollow("root ::= \"(\" root \")\" | \"\"", "(()");
    }

    @Test
    void refusesRepetitionsThatAreNone() {
        assertThat(GrammarParser.isRange(2, 3)).isTrue();
        assertThat(GrammarParser.isRange(2, GrammarParser.UNBOUNDED)).isTrue();
        assertThat(GrammarParser.isRange(3, 2)).isFalse();
    }

    @Test
    void refusesCharactersThatNobodyCanSay() {
        for (String[] wrong : new String[][] {
            {"root ::= [b-cz-a]", "line 1, column 14: the range 'z-a' ends before it begins"},
            {"root ::= \"a\" []", "line 1, column 14: no character in brackets, of which none can be said"},
            {"root ::= \"\\uD800\"", "line 1, column 11: U+D800 is half of a surrogate pair, which is no character"},
            {"root ::= [a-\\uDFFF]", "line 1, column 13: U+DFFF is half of a surrogate pair, which is no character"},
            {"root ::= \"\ud83d\"", "line 1, column 11: U+D83D is half of a surrogate pair, which is no character"},
        }) {
            assertThatThrownBy(() -> GrammarParser.parse(wrong[0]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(wrong[1]);
        }
        assertFollows("root ::= [^] [\\uD7FF-\\uE000] \"\ud83d\ude00\"", "x\ue000\ud83d\ude00");
    }

    @Test
    void refusesWhatIsTooLarge() {
        List<String> messages = List.of(
                "line 1, column 210: more than 200 parentheses within each other",
                "more than 1048576 characters and rules in sequence",
                "more than 20000 rules",
                "a grammar of 1048577 characters, expected at most 1048576");
        for (int i = 0; i < messages.size(); i++) {
            String message = messages.get(i);
            String grammar = Grammars.tooLarge().get(i);
            assertThatThrownBy(() -> GrammarParser.parse(grammar)).hasMessageContaining(message);
        }
    }

    @Test
    void boundsTheWaysAtOnePlace() {
        assertFollows(Grammars.wide(20), "a13-7");
        String grammar = Grammars.wide(150);
        begin(grammar);
        assertThatThrownBy(() -> after(grammar, "a"))
                .isInstanceOf(InferenceException.class)
                .hasMessage("the grammar can be followed in more than 20000 ways at the same time");
    }

    @Test
    void isTheSameAtTheSamePlace() {
        String grammar = "root ::= \"\\\"\" [^\"]* \"\\\"\"";
        GrammarState one = begin(grammar).afterByte((byte) '"').afterByte((byte) 'a');
        GrammarState more = one.afterByte((byte) 'b').afterByte((byte) 'c');
        assertThat(more).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(more.afterByte((byte) '"')).isNotEqualTo(one);
    }
}
