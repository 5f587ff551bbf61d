package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_token_data;
import io.github.expogguf.bindings.llama_token_data_array;
import io.github.expogguf.corpus.Grammars;
import io.github.expogguf.infer.token.Vocabulary;
import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.DemoFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** llama.cpp's own reader of grammars refuses or begins each of the corpus: so it can be published. */
@Tag("native")
class LlamaCppOnGrammarsTest {

    private static final long PATIENCE_SECONDS = 60;
    private static final int TOO_LONG = 99;

    /** Main class: gives grammars to llama.cpp, one after the other, and ends itself where one takes too long. */
    static final class Probe {

        private Probe() {}

        public static void main(String[] arguments) throws Exception {
            Vocabulary vocabulary =
                    LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults()).requireVocabulary();
            List<String> grammars = new ArrayList<>(Grammars.all());
            grammars.addFirst("root ::= \"yes\" | \"no\""); // which it does not refuse
            for (String grammar : grammars) {
                Thread watch = Thread.ofPlatform().daemon().start(Probe::endIfTooLong);
                System.out.println(begin(grammar, vocabulary) ? "begins" : "refuses");
                watch.interrupt();
            }
        }

        private static void endIfTooLong() {
            try {
                TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
                Runtime.getRuntime().halt(TOO_LONG);
            } catch (InterruptedException _) {
                // it was quick enough
            }
        }

        private static boolean begin(String grammar, Vocabulary vocabulary) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment sampler = Llama.llama_sampler_init_grammar(
                        vocabulary.pointer(), arena.allocateFrom(grammar), arena.allocateFrom("root"));
                if (sampler.equals(MemorySegment.NULL)) {
                    return false;
                }
                MemorySegment candidates = llama_token_data.allocateArray(vocabulary.size(), arena);
                for (int token = 0; token < vocabulary.size(); token++) {
                    llama_token_data.id(llama_token_data.asSlice(candidates, token), token);
                }
                MemorySegment array = llama_token_data_array.allocate(arena);
                llama_token_data_array.data(array, candidates);
                llama_token_data_array.size(array, vocabulary.size());
                Llama.llama_sampler_apply(sampler, array);
                Llama.llama_sampler_free(sampler);
                return true;
            }
        }
    }

    @Test
    void llamaCppEndsOnEveryOne() throws Exception {
        ChildJvm child = ChildJvm.run(Map.of(), List.of("-Xmx256m"), Probe.class);

        List<String> lines = child.output().lines().toList();
        assertThat(child.exitCode())
                .as("after %s of the grammars: %s", lines.size(), child.errors())
                .isZero();
        assertThat(lines)
                .hasSize(Grammars.all().size() + 1)
                .contains("refuses")
                .first()
                .isEqualTo("begins");
    }
}
