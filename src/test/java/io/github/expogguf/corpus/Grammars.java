package io.github.expogguf.corpus;

import java.util.List;
import java.util.stream.Stream;

/** Grammars that are refused, or that cannot be followed for long. */
public final class Grammars {

    /** Each with the message, for a {@code CsvSource} with semicolons and backticks. */
    public static final String REFUSED = """
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
            """;

    /** Some less plainly than those above. */
    public static final List<String> LEFT_RECURSIVE = List.of(
            "root ::= \"a\" | empty root \"b\"\nempty ::= \"x\" |",
            "root ::= \"x\" a\na ::= b\nb ::= a",
            "root ::= \"x\" (\"y\" | a)\na ::= (\"z\"? (a))*");

    private Grammars() {}

    /** In parentheses, characters, rules and text. */
    public static List<String> tooLarge() {
        return List.of(
                "root ::= " + "(".repeat(300),
                "root ::= \"" + "a".repeat(600) + "\"{2000}",
                "root ::= " + "a{0,2000} ".repeat(11) + "\na ::= \"a\"",
                "#".repeat((1 << 20) + 1));
    }

    /** After an {@code a} it goes on in the square of so many ways. */
    public static String wide(int rules) {
        StringBuilder grammar = new StringBuilder("root ::= \"a\" all\nall ::= r0");
        for (int rule = 1; rule < rules; rule++) {
            grammar.append(" | r").append(rule);
        }
        for (int rule = 0; rule < rules; rule++) {
            grammar.append("\nr%d ::= \"%d-0\"".formatted(rule, rule));
            for (int way = 1; way < rules; way++) {
                grammar.append(" | \"%d-%d\"".formatted(rule, way));
            }
        }
        return grammar.toString();
    }

    /** All of them. */
    public static List<String> all() {
        Stream<String> refused = REFUSED.lines()
                .map(line -> line.substring(0, line.lastIndexOf(';')).strip())
                .map(grammar -> grammar.equals("``") ? "" : grammar);
        return Stream.of(refused, LEFT_RECURSIVE.stream(), tooLarge().stream(), Stream.of(wide(150)))
                .flatMap(grammars -> grammars)
                .toList();
    }
}
