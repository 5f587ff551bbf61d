package io.github.expogguf.fuzz;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.cli.terminal.ExitCode;
import java.util.List;

/** What holds for every run of the command, whatever it was given. */
final class Promises {

    private Promises() {}

    /** The exit code is one of these; what was printed moves no cursor and is JSON where that was asked for. */
    static Ran check(Ran ran, ExitCode... expected) {
        if (List.of(expected).stream().noneMatch(code -> code.code() == ran.exitCode())) {
            throw new IllegalStateException("exit code " + ran.exitCode() + ": " + ran.err());
        }
        checkPrintable(ran.err());
        if (ran.out().startsWith("{")) {
            JsonElement _ = JsonParser.parseString(ran.out());
        } else {
            checkPrintable(ran.out());
        }
        return ran;
    }

    private static void checkPrintable(String text) {
        text.codePoints()
                .filter(character -> !isPrintable(character))
                .findFirst()
                .ifPresent(character -> {
                    throw new IllegalStateException("prints U+%04X".formatted(character));
                });
    }

    private static boolean isPrintable(int character) {
        return character == '\n'
                || switch (Character.getType(character)) {
                    case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR -> false;
                    default -> true;
                };
    }
}
