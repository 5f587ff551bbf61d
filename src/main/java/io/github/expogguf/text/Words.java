package io.github.expogguf.text;

import java.time.Duration;

/** Numbers for people. */
public final class Words {

    private Words() {}

    /** As in "3 minutes"; the largest unit that fits. */
    public static String duration(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return plural(seconds, "second");
        }
        if (seconds < 3600) {
            return plural(seconds / 60, "minute");
        }
        return seconds < 48 * 3600 ? plural(seconds / 3600, "hour") : plural(seconds / 86400, "day");
    }

    /** As in "1 file", "2 files". */
    public static String plural(long count, String unit) {
        return count + " " + unit + (count == 1 ? "" : "s");
    }

    /** As people write it: 5 rather than 5.0. */
    public static String alpha(float alpha) {
        return withoutPointZero(Float.toString(alpha));
    }

    /** As people write it: 5 rather than 5.0. */
    public static String number(double value) {
        return withoutPointZero(Double.toString(value));
    }

    private static String withoutPointZero(String text) {
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
