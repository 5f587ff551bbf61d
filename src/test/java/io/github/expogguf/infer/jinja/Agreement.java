package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.Rendering.Refusal;
import io.github.expogguf.infer.jinja.Rendering.Text;
import io.github.expogguf.text.Escape;
import java.util.Arrays;
import java.util.Set;

/** How what we make of a template compares with what jinja2 makes of it. */
enum Agreement {
    SAME_TEXT(true),
    /** Both refuse, and our message holds jinja2's. */
    SAME_WORDS(true),
    /** Both refuse; Python's own words for what went wrong inside it are not ours. */
    OTHER_WORDS(true),
    OTHER_TEXT(false),
    /** Both refuse, but of {@link #BINDING} kind and in other words, or each for another matter. */
    WRONG_WORDS(false),
    ONLY_WE_REFUSE(false),
    ONLY_JINJA2_REFUSES(false),
    CRASH(false);

    /** The refusals that a person reads to mend a conversation or a template: their words have to be jinja2's. */
    private static final Set<String> BINDING = Set.of(Rendering.RAISED, "UndefinedError");

    private static final Set<String> TOO_MUCH = Set.of("MemoryError", "OverflowError", "RecursionError");

    /** JinjaException cuts what a template raises there. */
    private static final int MAX_MESSAGE = 1000;

    private static final int SHOWN = 200;

    private final boolean right;

    Agreement(boolean right) {
        this.right = right;
    }

    boolean isRight() {
        return right;
    }

    static Agreement of(Rendering jinja2, Rendering ours) {
        if (ours instanceof Refusal(String kind, String message) && kind.equals(Rendering.CRASH)) {
            return CRASH;
        }
        return switch (jinja2) {
            case Text theirs ->
                switch (ours) {
                    case Text text -> text.equals(theirs) ? SAME_TEXT : OTHER_TEXT;
                    case Refusal refusal -> ONLY_WE_REFUSE;
                };
            case Refusal theirs ->
                switch (ours) {
                    case Text text -> ONLY_JINJA2_REFUSES;
                    case Refusal refusal -> ofRefusals(theirs, refusal);
                };
        };
    }

    private static Agreement ofRefusals(Refusal jinja2, Refusal ours) {
        if (jinja2.kind().equals(Rendering.RAISED) != ours.kind().equals(Rendering.RAISED)) {
            return WRONG_WORDS;
        }
        String words = jinja2.message()
                .substring(0, Math.min(MAX_MESSAGE, jinja2.message().length()));
        if (ours.message().contains(words)) {
            return SAME_WORDS;
        }
        // that we cannot do it, or not so much of it, is another matter than that it is wrong
        boolean sameMatter = switch (ours.kind()) {
            case "UNSUPPORTED" -> false;
            case "LIMIT" -> TOO_MUCH.contains(jinja2.kind());
            default -> true;
        };
        return sameMatter && !BINDING.contains(jinja2.kind()) ? OTHER_WORDS : WRONG_WORDS;
    }

    /** What both made of it; of long texts, where they part. */
    String describe(Rendering jinja2, Rendering ours) {
        int from = 0;
        if (jinja2 instanceof Text(String expected) && ours instanceof Text(String actual)) {
            int start = Arrays.mismatch(expected.toCharArray(), actual.toCharArray());
            from = start < SHOWN ? 0 : start - SHOWN / 4;
        }
        return String.format("%s%n  jinja2 %s%n  ours   %s", this, cut(jinja2, from), cut(ours, from));
    }

    private static String cut(Rendering rendering, int from) {
        return switch (rendering) {
            case Text(String text) ->
                (from == 0 ? "'" : "at " + from + ": '...")
                        + Escape.text(text.substring(from, Math.min(text.length(), from + SHOWN))) + "'";
            case Refusal(String kind, String message) -> kind + ": " + Escape.text(message);
        };
    }
}
