package io.github.expogguf.cli.terminal;

import io.github.expogguf.CancelledException;
import io.github.expogguf.ExpoException;
import io.github.expogguf.GgufFormatException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.JudgeException;
import io.github.expogguf.MissingBlocksException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.PromptException;
import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.VerificationException;
import io.github.expogguf.text.Words;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.ParameterException;

/** What the command returns to the shell, and the one place that says which failure is which. */
public enum ExitCode {
    OK(0, "done"),
    FAILURE(1, "unexpected failure"),
    USAGE(2, "wrong options"),
    BAD_INPUT(3, "an input is damaged, of an unsupported type, or holds NaN or infinity"),
    MISMATCH(4, "the two models are not a pair"),
    IO(5, "a file cannot be read or written, exists already, is in use, or was left unfinished"),
    NATIVE(6, "the llama.cpp libraries cannot be used, llama.cpp refuses a model, or a chat template is of no use"),
    VERIFICATION(7, "a written file is not what it should be"),
    JUDGE(8, "a judge command failed or printed something else than its scores"),
    /** Set by the abort callback of the native library, which ends the process. */
    NATIVE_ABORT(70, "llama.cpp gave up in the middle of a call"),
    /** Set by the launcher. */
    JAVA_TOO_OLD(78, "there is no Java 25 or newer"),
    INTERRUPTED(130, "interrupted by Ctrl-C (143: ended by SIGTERM); without --resume nothing is left behind");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    /** Name in JSON, as in {@code bad-input}. */
    public String label() {
        return Words.hyphened(this);
    }

    public static ExitCode of(Throwable failure) {
        return switch (failure) {
            case ExpoException refusal -> of(refusal);
            case ParameterException _ -> USAGE;
            case IOException _, UncheckedIOException _ -> IO;
            default -> FAILURE;
        };
    }

    private static ExitCode of(ExpoException refusal) {
        return switch (refusal) {
            case GgufFormatException _, SafetensorsFormatException _, UnsupportedTypeException _ -> BAD_INPUT;
            case MissingBlocksException _, NonFiniteException _, PromptException _ -> BAD_INPUT;
            case ModelMismatchException _ -> MISMATCH;
            case NativeLibraryException _, InferenceException _ -> NATIVE;
            case VerificationException _ -> VERIFICATION;
            case JudgeException _ -> JUDGE;
            case CancelledException _ -> INTERRUPTED;
        };
    }

    /** Code to meaning, for the help text. */
    public static Map<String, String> table() {
        Map<String, String> table = new LinkedHashMap<>();
        for (ExitCode exitCode : values()) {
            table.put(Integer.toString(exitCode.code), exitCode.meaning);
        }
        return table;
    }
}
