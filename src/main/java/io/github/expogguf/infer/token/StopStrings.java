package io.github.expogguf.infer.token;

import java.util.List;

/** Looks for strings that end a text while the text grows; holds back what may turn out to begin one. */
public final class StopStrings {

    private final List<String> stops;
    private String held = "";
    private boolean found;

    public StopStrings(List<String> stops) {
        this.stops = stops;
    }

    /** Adds text; returns what is certain to come before any stop string. */
    public String add(String text) {
        if (stops.isEmpty()) {
            return text;
        }
        held += text;
        int end = held.length();
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && at <= end) {
                end = at;
                found = true;
            }
        }
        return release(found ? end : held.length() - beginning());
    }

    /** Characters at the end of what is held that begin a stop string. */
    private int beginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (held.endsWith(stop.substring(0, length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private String release(int end) {
        String released = held.substring(0, end);
        held = held.substring(end);
        return released;
    }

    /** Whether the text has a stop string; what was returned so far is all that comes before it. */
    public boolean isFound() {
        return found;
    }

    /** What was held back, when the text ends otherwise. */
    public String rest() {
        return release(held.length());
    }
}
