/**
 * ExPO on GGUF files, for llama.cpp: {@code extrapolated = aligned + alpha * (aligned - sft)}. Needs the JDK alone, and
 * native access: {@code --enable-native-access=io.github.expogguf}. The vector API makes it faster where it is there:
 * {@code --add-modules jdk.incubator.vector}.
 */
module io.github.expogguf {
    requires static jdk.incubator.vector;

    uses io.github.expogguf.NativeBundle;

    exports io.github.expogguf;
    exports io.github.expogguf.card;
    exports io.github.expogguf.compare;
    exports io.github.expogguf.compare.realised;
    exports io.github.expogguf.extrapolate;
    exports io.github.expogguf.gguf;
    exports io.github.expogguf.imatrix;
    exports io.github.expogguf.infer;
    exports io.github.expogguf.infer.prompt;
    exports io.github.expogguf.plan;
    exports io.github.expogguf.plan.options;
    exports io.github.expogguf.plan.recipe;
    exports io.github.expogguf.plan.task;
    exports io.github.expogguf.run;
    exports io.github.expogguf.run.lora;
    exports io.github.expogguf.runtime;
    exports io.github.expogguf.score;
    exports io.github.expogguf.search;
    exports io.github.expogguf.search.votes;
    exports io.github.expogguf.start;
    exports io.github.expogguf.verify;
    exports io.github.expogguf.work;
}
