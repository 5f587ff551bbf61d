package io.github.expogguf.cli.report;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.estimate.RunEstimate;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.text.Numbers;

/**
 * How long a run takes, and what that assumes: the processor that the costs are of, and a disk that nothing waits for.
 *
 * @param processor what the costs were measured on
 */
record EstimateText(RunEstimate estimate, String processor, int threads) {

    private static final int CORES = Runtime.getRuntime().availableProcessors();
    private static final double HOUR = 3600;

    private double seconds() {
        return estimate.seconds(threads, CORES);
    }

    /** One line. */
    String line() {
        return "about " + rounded(seconds()) + " on " + Units.count(threads, "thread") + " of an " + processor
                + ", if the disk moves " + Units.bytes(Math.round(estimate.diskRate(threads, CORES))) + "/s";
    }

    /** No more digits than an estimate has. */
    private static String rounded(double seconds) {
        if (seconds < 100) {
            return Numbers.fixed(seconds, seconds < 10 ? 1 : 0) + " s";
        }
        long minutes = Math.round(seconds / 60);
        return seconds < HOUR
                ? minutes + " min"
                : minutes / 60 + ":" + (minutes % 60 < 10 ? "0" : "") + minutes % 60 + " h";
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("seconds", seconds());
        json.addProperty("processorSeconds", estimate.processorSeconds());
        json.addProperty("processor", processor);
        json.addProperty("diskBytes", estimate.diskBytes());
        json.addProperty("diskBytesPerSecond", Math.round(estimate.diskRate(threads, CORES)));
        return json;
    }
}
