package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FileTypeTest {

    @Test
    void namesInAnyCaseAndShortFormsAreRead() {
        assertThat(FileType.parse("q4_k_m")).isEqualTo(FileType.Q4_K_M);
        assertThat(FileType.parse("Q4_K")).isEqualTo(FileType.Q4_K_M);
    }

    @Test
    void aMisspeltNameIsSuggested() {
        assertThatThrownBy(() -> FileType.parse("q4km"))
                .hasMessageStartingWith("'q4km' is not a file type; did you mean Q4_K_M or ");
        assertThatThrownBy(() -> FileType.parse("zebra"))
                .hasMessage("'zebra' is not a file type; try Q4_K_M, Q6_K, Q8_0, F16");
        assertThatThrownBy(() -> FileType.parse("NVFP4"))
                .hasMessage("'NVFP4' is a file type that cannot be written; try Q4_K_M, Q6_K, Q8_0, F16");
    }
}
