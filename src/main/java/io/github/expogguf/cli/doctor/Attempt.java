package io.github.expogguf.cli.doctor;

import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.ExitCode;
import java.util.Arrays;
import java.util.List;

/**
 * What became of a command that was tried.
 *
 * @param exitCode that it ended with
 * @param reason   lines of its error; none if there was none
 */
record Attempt(ExitCode exitCode, List<String> reason) {

    /** @param err what it wrote to stderr */
    static Attempt of(int code, String err) {
        ExitCode exitCode = Arrays.stream(ExitCode.values())
                .filter(known -> known.code() == code)
                .findFirst()
                .orElse(ExitCode.FAILURE);
        int start = err.indexOf(Console.ERROR);
        return new Attempt(
                exitCode,
                start < 0
                        ? List.of()
                        : err.substring(start + Console.ERROR.length())
                                .lines()
                                .filter(line -> !line.startsWith("Try 'expo-gguf "))
                                .map(String::strip)
                                .toList());
    }
}
