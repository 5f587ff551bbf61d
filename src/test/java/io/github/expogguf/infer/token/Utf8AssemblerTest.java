package io.github.expogguf.infer.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class Utf8AssemblerTest {

    @Test
    void joinsCharactersThatAreSpreadOverTokens() {
        String text = "a\u00e9\u4e16\ud83d\ude00z";
        Utf8Assembler assembler = new Utf8Assembler();
        StringBuilder heard = new StringBuilder();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            heard.append(assembler.append(new byte[] {value}));
        }
        assertThat(heard).hasToString(text);
        assertThat(assembler.finish()).isEqualTo(text);
    }

    @Test
    void tellsACharacterOnlyWhenItIsWhole() {
        Utf8Assembler assembler = new Utf8Assembler();
        assertThat(assembler.append(new byte[] {'a', (byte) 0xC3})).isEqualTo("a");
        assertThat(assembler.append(new byte[] {(byte) 0xA9, 'b'})).isEqualTo("\u00e9b");
    }

    @Test
    void replacesWhatIsNotUtf8() {
        Utf8Assembler assembler = new Utf8Assembler();
        assembler.append(new byte[] {'a', (byte) 0xFF, 'b', (byte) 0xE4, (byte) 0xB8});
        assertThat(assembler.finish()).isEqualTo("a\ufffdb\ufffd");
    }
}
