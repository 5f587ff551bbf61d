package io.github.expogguf.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import java.nio.charset.StandardCharsets;
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
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            ``                          ; the grammar has no rule 'root', with which every text begins
            # nothing                   ; the grammar has no rule 'root', with which every text begins
            roots ::= "a"               ; the grammar has no rule 'root', with which every text begins
            root                        ; line 1, column 5: expected ::=, found the end
            root := "a"                 ; line 1, column 6: expected ::=, found ':'
            root ::= one                ; line 1, column 10: there is no rule 'one'
            root ::= "a                 ; line 1, column 10: a text without an end, expected "
            root ::= [a                 ; line 1, column 10: a text without an end, expected ]
            root ::= "\\q"              ; line 1, column 11: unknown escape, expected one of \\t \\r \\n \\\\ \\" \\[ \\] \\- \\x \\u \\U
            root ::= "\\x4"             ; line 1, column 11: expected a code point of 2 hexadecimal digits
            root ::= "\\U00110000"      ; line 1, column 11: expected a code point of 8 hexadecimal digits
            root ::= ("a"               ; line 1, column 14: expected ), found the end
            root ::= "a") "b"           ; line 1, column 13: expected the end of the rule, found ')'
            root ::= *                  ; line 1, column 10: there is nothing to repeat before *
            root ::= ""+                ; line 1, column 12: there is nothing to repeat before +
            root ::= "a"{}              ; line 1, column 14: expected a number of repetitions, found '}'
            root ::= "a"{3,2}           ; line 1, column 13: at least 3 and at most 2 repetitions
            root ::= "a"{2001}          ; line 1, column 14: 2001 repetitions, expected at most 2000
            root ::= "a"{99999999999}   ; line 1, column 14: 99999999999 repetitions, expected at most 2000
            root ::= "a"{2 "b"          ; line 1, column 16: expected }, found '"'
            root ::= <a                 ; line 1, column 10: a token without an end, expected >
            root ::= !a                 ; line 1, column 11: expected a token after '!', as in !<name>, found 'a'
            root ::= root "a" | "b"     ; line 1, column 1: rule 'root' begins with itself (left recursion)
            root ::= root               ; line 1, column 1: rule 'root' begins with itself (left recursion)
            root ::= root | "b"         ; line 1, column 1: rule 'root' begins with itself (left recursion)
            root ::= (root)             ; line 1, column 1: rule 'root' begins with itself (left recursion)
            root ::= ("a" | (root))     ; line 1, column 1: rule 'root' begins with itself (left recursion)
            root ::= root*              ; line 1, column 1: rule 'root' begins with itself (left recursion)
            root ::= root{0,3}          ; line 1, column 1: rule 'root' begins with itself (left recursion)
            root ::= ("a"? root)+       ; line 1, column 1: rule 'root' begins with itself (left recursion)
            """)
    void refusesWhatIsNoGrammar(String grammar, String message) {
        assertThatThrownBy(() -> GrammarParser.parse(grammar))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void refusesLeftRecursionThroughWhatMayBeEmpty() {
        String hidden = "root ::= \"a\" | empty root \"b\"\nempty ::= \"x\" |";
        assertThatThrownBy(() -> GrammarParser.parse(hidden))
                .hasMessage("line 1, column 1: rule 'root' begins with itself (left recursion)");
        String two = "root ::= \"x\" a\na ::= b\nb ::= a";
        assertThatThrownBy(() -> GrammarParser.parse(two))
                .hasMessage("line 1, column 14: rule 'a' begins with itself (left recursion)");
        String group = "root ::= \"x\" (\"y\" | a)\na ::= (\"z\"? (a))*";
        assertThatThrownBy(() -> GrammarParser.parse(group))
                .hasMessage("line 1, column 21: rule 'a' begins with itself (left recursion)");
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
    void refusesWhatIsTooLarge() {
        assertThatThrownBy(() -> GrammarParser.parse("root ::= " + "(".repeat(300)))
                .hasMessage("line 1, column 210: more than 200 parentheses within each other");
        assertThatThrownBy(() -> GrammarParser.parse("root ::= \"" + "a".repeat(600) + "\"{2000}"))
                .hasMessageContaining("more than 1048576 characters and rules in sequence");
        assertThatThrownBy(() -> GrammarParser.parse("root ::= " + "a{0,2000} ".repeat(11) + "\na ::= \"a\""))
                .hasMessageContaining("more than 20000 rules");
        assertThatThrownBy(() -> GrammarParser.parse("#".repeat((1 << 20) + 1)))
                .hasMessage("a grammar of 1048577 characters, expected at most 1048576");
    }

    @Test
    void boundsTheWaysAtOnePlace() {
        // the ways double with each of fifteen characters
        StringBuilder doubling = new StringBuilder("root ::= r0\n");
        for (int rule = 0; rule < 15; rule++) {
            doubling.append("r%d ::= \"a\" r%d \"b\" | \"a\" r%d \"c\" | \"d\"\n".formatted(rule, rule + 1, rule + 1));
        }
        String grammar = doubling + "r15 ::= \"d\"";
        assertFollows(grammar, "a".repeat(10) + "d" + "bc".repeat(5));
        assertThatThrownBy(() -> after(grammar, "a".repeat(15)))
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
