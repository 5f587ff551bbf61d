package io.github.expogguf.cli.listen;

import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.search.votes.Listening;
import io.github.expogguf.text.Numbers;
import java.util.Locale;

/** What the votes say, as lines for the terminal. */
final class ListenVerdict {

    private ListenVerdict() {}

    static String of(Listening found) {
        if (found.heard() == 0) {
            int alike = found.votes().size();
            return "no alpha was chosen: nobody voted"
                    + (alike == 0 ? "" : "; " + Units.count(alike, "pair") + " the same to the letter")
                    + System.lineSeparator();
        }
        String aligned = found.best() == 0
                ? ", the aligned model itself"
                : ", better than alpha 0 with " + Numbers.percent(found.probabilityAboveAligned(), 0);
        return String.format(
                Locale.ROOT,
                "best: alpha %s%s%n  %s: with %s no other alpha is clearly better%n%s%n",
                Numbers.brief(found.best()),
                aligned,
                found.isSure() ? "sure" : "not sure",
                Numbers.percent(found.certainty(), 0),
                Units.count(found.heard(), "vote"));
    }
}
