package io.github.expogguf.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ElementsTest {

    @Test
    void copies() {
        List<String> list = new ArrayList<>(List.of("b", "a"));
        List<String> copy = Elements.copy(list, "names");
        list.clear();
        assertThat(copy).containsExactly("b", "a").isUnmodifiable();
        assertThat(Elements.copy(new LinkedHashSet<>(copy), "names"))
                .containsExactly("b", "a")
                .isUnmodifiable();
    }

    @Test
    void namesWhatHoldsNull() {
        List<String> list = Arrays.asList("a", null);
        Set<String> set = new LinkedHashSet<>(list);
        assertThatThrownBy(() -> Elements.copy(list, "names"))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("names: element 1 is null");
        assertThatThrownBy(() -> Elements.copy(set, "names"))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("names: element 1 is null");
    }

    @Test
    void mapsKeepTheirOrderAndHoldNoNull() {
        Map<String, Integer> map = new LinkedHashMap<>(Map.of("b", 1));
        map.put("a", 2);
        assertThat(Elements.copy(map, "numbers")).isEqualTo(map).isUnmodifiable();
        assertThat(Elements.copy(map, "numbers").keySet()).containsExactly("b", "a");
        map.put("c", null);
        assertThat(Elements.requireKeys(map, "numbers")).isSameAs(map);
        assertThatThrownBy(() -> Elements.require(map, "numbers"))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("numbers: element 2 is null");
        map.put(null, 3);
        assertThatThrownBy(() -> Elements.requireKeys(map, "numbers"))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("numbers: element 3 is null");
    }
}
