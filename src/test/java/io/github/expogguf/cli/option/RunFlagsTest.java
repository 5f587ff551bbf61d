package io.github.expogguf.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.work.Threads;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class RunFlagsTest {

    /** Where nobody says otherwise, a small model computes on no more threads than are of use to it. */
    @Test
    void contextsHaveAShareOfTheThreadsUnlessToldOtherwise() {
        RunFlags silent = CommandLine.populateCommand(new RunFlags());
        assertThat(silent.contextThreads()).isEqualTo(ContextOptions.SHARED_THREADS);
        assertThat(silent.threads()).isEqualTo(Threads.ofThisMachine());
        RunFlags said = CommandLine.populateCommand(new RunFlags(), "-t", "3");
        assertThat(said.contextThreads()).isEqualTo(3);
        assertThat(said.threads()).isEqualTo(3);
    }
}
