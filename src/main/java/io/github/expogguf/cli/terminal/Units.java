package io.github.expogguf.cli.terminal;

import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Words;
import java.util.Locale;

/** Numbers for people: decimal units, three digits. */
public final class Units {

    private Units() {}

    /** As in {@code 4.58 GB}. */
    public static String bytes(long count) {
        return Numbers.bytes(count);
    }

    /** As in {@code 350 MB/s}. */
    static String rate(long bytes, long nanos) {
        return bytes((long) (bytes / (Math.max(1, nanos) / 1e9))) + "/s";
    }

    /** As in {@code 4.85}. */
    public static String bits(double bitsPerWeight) {
        return Numbers.fixed(bitsPerWeight, 2);
    }

    /** As in {@code 1,234,567}. */
    public static String count(long number) {
        return Numbers.grouped(number);
    }

    /** As in {@code 3.2 s}, {@code 2:05 min} or {@code 1:02:05 h}. */
    public static String duration(long nanos) {
        long seconds = Math.round(nanos / 1e9);
        if (nanos < 10_000_000_000L) {
            return Numbers.fixed(nanos / 1e9, 1) + " s";
        }
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600 ? minutes(seconds) : hours(seconds) + String.format(Locale.ROOT, ":%02d h", seconds % 60);
    }

    /** Rounded up, and from an hour on without seconds: as in {@code 1:02 h}. */
    static String timeLeft(double secondsLeft) {
        long seconds = (long) Math.ceil(secondsLeft);
        return seconds < 60 ? seconds + " s" : seconds < 3600 ? minutes(seconds) : hours(seconds) + " h";
    }

    private static String minutes(long seconds) {
        return String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60);
    }

    private static String hours(long seconds) {
        return String.format(Locale.ROOT, "%d:%02d", seconds / 3600, seconds / 60 % 60);
    }

    /** As in {@code 1 tensor}, {@code 1,234 tensors}. */
    public static String count(long number, String noun) {
        return count(number) + " " + Words.noun(number, noun);
    }

    /** As in {@code 7.24 billion weights}. */
    public static String weights(long count) {
        return count >= 1_000_000_000
                ? Numbers.fixed(count / 1e9, 2) + " billion weights"
                : count >= 1_000_000 ? Numbers.fixed(count / 1e6, 2) + " million weights" : count(count, "weight");
    }
}
