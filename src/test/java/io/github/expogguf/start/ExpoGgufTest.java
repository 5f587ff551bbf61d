package io.github.expogguf.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpoGgufTest {

    private static final Path DEMO = Path.of(System.getProperty("expo.gguf.demo.directory", "src/demo"));
    private static final Path SFT = DEMO.resolve("guide-sft-f16.gguf");
    private static final Path ALIGNED = DEMO.resolve("guide-dpo-20-f16.gguf");

    @TempDir
    private Path directory;

    @Test
    void writesWhatThePairWrites() throws IOException {
        PlanOptions options =
                PlanOptions.builder().alpha(0.5f).fileType(FileType.Q8_0).build();
        Path usual = directory.resolve("long.gguf");
        try (Extrapolator pair = Extrapolator.open(SFT, ALIGNED)) {
            pair.write(options, usual, OutputOptions.defaults());
        }
        ExpoPair pair = ExpoGguf.extrapolate(SFT, ALIGNED);
        List<ExpoPair> same = List.of(
                pair.alpha(0.5f).fileType("q8_0"), pair.fileType(FileType.Q8_0).alpha(0.5f), pair.with(options));
        for (int i = 0; i < same.size(); i++) {
            Path output = directory.resolve(i + ".gguf");
            assertThat(same.get(i).write(output).files()).containsExactly(output);
            assertThat(Files.mismatch(usual, output)).isEqualTo(-1);
        }
    }

    @Test
    void replacesAFileOnlyIfItIsTold() throws IOException {
        Path output = Files.writeString(directory.resolve("mine.gguf"), "mine");
        ExpoPair pair = ExpoGguf.extrapolate(SFT, ALIGNED).alpha(1);
        assertThatThrownBy(() -> pair.write(output)).isInstanceOf(FileAlreadyExistsException.class);
        pair.with(OutputOptions.defaults().withForce(true)).write(output);
        assertThat(Files.size(output)).isGreaterThan(4);
        assertThatThrownBy(() -> pair.fileType("Q4_K_XL")).hasMessageContaining("Q4_K_XL");
    }

    @Test
    void answersPieceByPieceAndRemembers() throws IOException {
        try (Conversation conversation = ExpoGguf.chat(SFT)) {
            List<String> pieces = new ArrayList<>();
            String answer = conversation.ask("Which city rules Chile?", pieces::add);
            assertThat(pieces).hasSizeGreaterThan(1);
            assertThat(String.join("", pieces)).isEqualTo(answer).contains("Santiago");
            assertThat(conversation.ask("Which city rules Peru?")).contains("Lima");
            assertThat(conversation.messages()).hasSize(4);
            assertThat(conversation.messages())
                    .startsWith(ChatMessage.user("Which city rules Chile?"), ChatMessage.assistant(answer.strip()));
        }
    }

    @Test
    void loadingCanBeEnded() throws IOException {
        Cancellation cancellation = new Cancellation();
        try (Conversation conversation = ExpoGguf.chat(SFT, cancellation)) {
            assertThat(conversation.messages()).isEmpty();
        }
        cancellation.cancel();
        assertThatThrownBy(() -> ExpoGguf.chat(SFT, cancellation)).isInstanceOf(CancelledException.class);
        assertThatThrownBy(
                        () -> Conversation.open(SFT, LoadOptions.defaults(), ContextOptions.defaults(), cancellation))
                .isInstanceOf(CancelledException.class);
    }

    @Test
    void anAnswerThatFailsWasNotAsked() throws IOException {
        try (Conversation conversation = Conversation.open(
                SFT, LoadOptions.defaults(), ContextOptions.defaults().withContextTokens(64))) {
            Cancellation cancellation = new Cancellation();
            GenerationOptions how = GenerationOptions.greedy(40).withCancellation(cancellation);
            assertThatThrownBy(() -> conversation.ask("Which city rules Chile?", how, piece -> cancellation.cancel()))
                    .isInstanceOf(CancelledException.class);
            assertThatThrownBy(() -> conversation.ask("word ".repeat(100))).isInstanceOf(InferenceException.class);
            assertThatThrownBy(() -> conversation.ask("Which city rules Chile?", piece -> {
                        throw new IllegalStateException("enough");
                    }))
                    .hasMessage("enough");
            assertThat(conversation.messages()).isEmpty();

            Generation two = conversation.ask("Which city rules Chile?", GenerationOptions.greedy(2), piece -> {});
            assertThat(two.tokens()).hasSize(2);
            assertThat(two.finishReason()).isEqualTo(Generation.FinishReason.LENGTH);
        }
    }
}
