package io.github.expogguf.infer.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.infer.GenerationOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StopStringsTest {

    @Test
    void withoutStopStringsNothingIsHeldBack() {
        StopStrings none = new StopStrings(List.of());
        assertThat(none.add("abc")).isEqualTo("abc");
        assertThat(none.rest()).isEmpty();
        assertThat(none.isFound()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "one STOP two, 'one '", // in one piece, and in any others
        "aaab, aaab",
        "STOSTOP, STO",
        "ST, ST",
        "xEND STOP, x",
        "STOP, ''",
        "ENENSTOPD, ENEN"
    })
    void theTextEndsBeforeTheFirstHoweverItIsCut(String text, String expected) {
        for (int first = 0; first <= text.length(); first++) {
            for (int second = first; second <= text.length(); second++) {
                StopStrings stops = new StopStrings(List.of("STOP", "END", "STOPPED"));
                StringBuilder shown = new StringBuilder();
                List<String> pieces =
                        List.of(text.substring(0, first), text.substring(first, second), text.substring(second));
                for (String piece : pieces) {
                    if (!stops.isFound()) {
                        shown.append(stops.add(piece));
                    }
                }
                if (!stops.isFound()) {
                    shown.append(stops.rest());
                }
                assertThat(shown).as(pieces.toString()).hasToString(expected);
                assertThat(stops.isFound()).isEqualTo(!text.equals(expected));
            }
        }
    }

    @Test
    void anEmptyOneIsRefused() {
        GenerationOptions how = GenerationOptions.greedy(1);
        assertThatThrownBy(() -> how.withStopStrings(List.of("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a stop string is empty");
    }
}
