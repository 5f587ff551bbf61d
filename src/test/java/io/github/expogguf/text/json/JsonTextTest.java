package io.github.expogguf.text.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JsonTextTest {

    @Test
    void writesWhatJsonHas() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("text", "a \"b\" \\ c");
        map.put("number", new BigDecimal("1.50"));
        map.put("nothing", null);
        map.put("list", new ArrayList<>(Arrays.asList(1, -2.5, true, List.of(), Map.of())));
        assertThat(JsonText.of(map))
                .isEqualTo("{\"text\": \"a \\\"b\\\" \\\\ c\", \"number\": 1.50, \"nothing\": null,"
                        + " \"list\": [1, -2.5, true, [], {}]}");
    }

    @Test
    void anyTextComesBackFromOneLine() {
        StringBuilder text = new StringBuilder("\ud83d\ude00 \ud800 \udc00");
        for (char character = 0; character < 0x3000; character++) {
            text.append(character);
        }
        String json = JsonText.of(List.of(text.toString()));
        assertThat(json.lines()).hasSize(1);
        assertThat(json).doesNotContain("\u2028", "\ud800 ");
        assertThat(JsonParser.parseString(json).getAsJsonArray().get(0).getAsString())
                .isEqualTo(text.toString());
    }

    @Test
    void refusesWhatJsonHasNot() {
        assertThatThrownBy(() -> JsonText.of(Double.NaN)).hasMessage("JSON has no NaN");
        assertThatThrownBy(() -> JsonText.of(List.of(Float.POSITIVE_INFINITY))).hasMessage("JSON has no Infinity");
        assertThatThrownBy(() -> JsonText.of(new Object())).hasMessageContaining("JSON has no java.lang.Object");
    }
}
