package io.github.expogguf.cli.option;

/** What the help of several commands says of options by which models are measured. */
public final class MeasuringHelp {

    public static final String PROMPTS = "What is asked: a JSON object with 'prompt' or 'instruction' a line, or a JSON"
            + " array of them; a text or a conversation.";

    public static final String PREFERENCES =
            "Pairs of answers: a JSON object with 'prompt', 'chosen', 'rejected' a line,"
                    + " texts or conversations; gives margins and accuracies.";

    public static final String JUDGE = "Program for the shell: reads a JSON object a line on stdin, the fields of the"
            + " prompt and 'response', and prints a number a line, in the same order; more is better.";

    public static final String REWARD_MODEL = "GGUF with a ranking head that scores the answers.";

    public static final String CHUNK =
            "Tokens of a chunk of the text; 0, the default, for 512, or what the model was trained with if that is less.";

    private MeasuringHelp() {}
}
