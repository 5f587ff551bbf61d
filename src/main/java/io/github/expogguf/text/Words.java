package io.github.expogguf.text;

import java.time.Duration;
import java.util.Locale;

/** Counts, spans of time and constants in words. */
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
        return count + " " + noun(count, unit);
    }

    /** As in "file" for 1, "files" for 2. */
    public static String noun(long count, String unit) {
        return count == 1 ? unit : unit + "s";
    }

    /** The name of a constant as people write it, as in "cut-off" for {@code CUT_OFF}. */
    public static String hyphened(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
