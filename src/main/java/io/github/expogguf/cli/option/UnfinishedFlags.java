package io.github.expogguf.cli.option;

import io.github.expogguf.work.Unfinished;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What to do with the partial output of a run that ended before it was done. */
public final class UnfinishedFlags {

    @ArgGroup(exclusive = true)
    private Choice choice = new Choice();

    /** At most one of them. */
    static final class Choice {
        @Option(
                names = "--resume",
                order = 43,
                description =
                        "Go on with what an interrupted run has left of the output, if the inputs and options are the"
                                + " same; and leave it again on Ctrl-C or a full disk.")
        private boolean resume;

        @Option(
                names = "--discard-partial",
                order = 44,
                description = "Remove what an interrupted run has left of the output and start anew.")
        private boolean discard;
    }

    public Unfinished unfinished() {
        return choice.resume ? Unfinished.RESUME : choice.discard ? Unfinished.DISCARD : Unfinished.REFUSE;
    }
}
