package io.github.expogguf.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.options.TypeChoice;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatLineTest {

    private static ChatLine.Save save(String path, TypeChoice type, boolean force) {
        return new ChatLine.Save(Path.of(path), Optional.ofNullable(type), force, false);
    }

    private static TypeChoice type(FileType type) {
        return new TypeChoice(Optional.of(type));
    }

    @Test
    void whatIsNoCommandIsSaid() {
        assertThat(ChatLine.parse("  Which city? ")).isEqualTo(new ChatLine.Say("Which city?"));
        assertThat(ChatLine.parse("a /alpha 3")).isEqualTo(new ChatLine.Say("a /alpha 3"));
        assertThat(ChatLine.parse("two\nlines")).isEqualTo(new ChatLine.Say("two\nlines"));
        assertThat(ChatLine.parse("//etc/passwd")).isEqualTo(new ChatLine.Say("/etc/passwd"));
        assertThat(ChatLine.parse(" \t")).isEqualTo(new ChatLine.Nothing());
        assertThat(ChatLine.parse("")).isEqualTo(new ChatLine.Nothing());
    }

    @Test
    void numbersFollowTheirCommands() {
        assertThat(ChatLine.parse("/alpha 0.4")).isEqualTo(new ChatLine.Alpha(Optional.of(0.4f), false));
        assertThat(ChatLine.parse("  /alpha\t-1e-1 ")).isEqualTo(new ChatLine.Alpha(Optional.of(-0.1f), false));
        assertThat(ChatLine.parse("/alpha")).isEqualTo(new ChatLine.Alpha(Optional.empty(), false));
        assertThat(ChatLine.parse("/compare off")).isEqualTo(new ChatLine.CompareOff());
        assertThat(ChatLine.parse("/compare 0:1:0.5 3")).isEqualTo(new ChatLine.Compare(List.of(0f, 0.5f, 1f, 3f)));
        assertThat(ChatLine.parse("/alpha 60 --force")).isEqualTo(new ChatLine.Alpha(Optional.of(60f), true));
        assertThat(ChatLine.parse("/seed 4294967295")).isEqualTo(new ChatLine.Seed(Optional.of(-1)));
        assertThat(ChatLine.parse("/seed")).isEqualTo(new ChatLine.Seed(Optional.empty()));
        assertThat(ChatLine.parse("/temp 0")).isEqualTo(new ChatLine.Temperature(Optional.of(0f)));
        assertThat(ChatLine.parse("/temp")).isEqualTo(new ChatLine.Temperature(Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/compare 0,0.5,1", "/compare 0 0.5 1", "/compare 0, 0.5 ,1", "/compare 0,0.5,1,0.5"})
    void alphasToCompareAreSeparatedByCommasOrBlanks(String line) {
        assertThat(ChatLine.parse(line)).isEqualTo(new ChatLine.Compare(List.of(0f, 0.5f, 1f)));
    }

    @Test
    void savingTakesAFileATypeAndForce() {
        assertThat(ChatLine.parse("/save a.gguf")).isEqualTo(save("a.gguf", null, false));
        assertThat(ChatLine.parse("/save a.gguf q4_k")).isEqualTo(save("a.gguf", type(FileType.Q4_K_M), false));
        assertThat(ChatLine.parse("/save a.gguf COPY --force")).isEqualTo(save("a.gguf", TypeChoice.NONE, true));
        assertThat(ChatLine.parse("/save --force a.gguf Q8_0")).isEqualTo(save("a.gguf", type(FileType.Q8_0), true));
        assertThat(ChatLine.parse("/save \"a b.gguf\" F16")).isEqualTo(save("a b.gguf", type(FileType.F16), false));
        assertThat(ChatLine.parse("/save 'a b.gguf'")).isEqualTo(save("a b.gguf", null, false));
        assertThat(ChatLine.parse("/save C:\\models\\a.gguf")).isEqualTo(save("C:\\models\\a.gguf", null, false));
        assertThat(ChatLine.parse("/save ~/a.gguf"))
                .isEqualTo(save(System.getProperty("user.home") + "/a.gguf", null, false));
    }

    @Test
    void instructionsAreTheRestOfTheLine() {
        assertThat(ChatLine.parse("/system Be  \"very\" short."))
                .isEqualTo(new ChatLine.Instruct(Optional.of("Be  \"very\" short.")));
        assertThat(ChatLine.parse("/system \"\"")).isEqualTo(new ChatLine.Instruct(Optional.of("")));
        assertThat(ChatLine.parse("/system \"Be short.\"")).isEqualTo(new ChatLine.Instruct(Optional.of("Be short.")));
        assertThat(ChatLine.parse("/system \"")).isEqualTo(new ChatLine.Instruct(Optional.of("\"")));
        assertThat(ChatLine.parse("/system")).isEqualTo(new ChatLine.Instruct(Optional.empty()));
    }

    @Test
    void someCommandsStandAlone() {
        assertThat(ChatLine.parse("/compare")).isEqualTo(new ChatLine.Compare(List.of()));
        assertThat(ChatLine.parse("/reset")).isEqualTo(new ChatLine.Reset());
        assertThat(ChatLine.parse("/help")).isEqualTo(new ChatLine.Help());
        assertThat(ChatLine.parse("/quit ")).isEqualTo(new ChatLine.Quit());
        assertThat(ChatLine.parse("/exit")).isEqualTo(new ChatLine.Quit());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/alpha x|'x' is not a number",
                "/alpha NaN|'NaN' is not a finite number",
                "/alpha 1 2|/alpha takes one number, not 2",
                "/compare 1;2|'1;2' is not a number",
                "/save|/save takes a file",
                "/save a b c|as in: /save out.gguf Q4_K_M",
                "/save a.gguf Q9|'Q9' is not a file type",
                "/save a.gguf --forced|/save has no option --forced, only --force",
                "/seed x|'x' is not a seed",
                "/temp -1|the temperature is -1, expected 0 or more",
                "/temp NaN|the temperature is NaN, expected 0 or more",
                "/temp warm|'warm' is not a number",
                "/temp 1e-60|'1e-60' is too small to be another number than 0",
                "/alpha 1e-60|'1e-60' is too small to be another number than 0",
                "/reset all|/reset stands alone; what is 'all'?",
                "/quit now|/quit stands alone; what is 'now'?",
                "/alhpa 3|there is no /alhpa; did you mean /alpha?",
                "/tem|did you mean /temp?",
                "/s|did you mean /save or /system or /seed?",
                "/xyzzy|there is no /xyzzy; /help lists the commands",
                "/|there is no /; /help",
            })
    void whatIsWrongIsExplained(String line, String problem) {
        assertThat(ChatLine.parse(line))
                .isInstanceOfSatisfying(
                        ChatLine.Wrong.class,
                        wrong -> assertThat(wrong.problem()).contains(problem));
    }

    @Test
    void everyCommandOfTheListIsKnown() {
        assertThat(ChatLine.COMMANDS).allSatisfy(command -> {
            String name = command.getFirst().split(" ")[0];
            ChatLine parsed = ChatLine.parse(name);
            if (parsed instanceof ChatLine.Wrong wrong) {
                assertThat(wrong.problem()).startsWith(name + " takes");
            }
            assertThat(command.get(1)).isNotBlank();
        });
    }

    @Test
    void theBeginningOfACommandIsCompleted() {
        assertThat(ChatLine.completions("/s")).containsExactly("/save", "/system", "/seed");
        assertThat(ChatLine.completions("/alpha")).containsExactly("/alpha");
        assertThat(ChatLine.completions("")).isEmpty();
        assertThat(ChatLine.completions("a")).isEmpty();
        assertThat(ChatLine.completions("/alpha 3")).isEmpty();
    }
}
