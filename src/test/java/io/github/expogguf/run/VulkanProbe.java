package io.github.expogguf.run;

import io.github.expogguf.ComputeDevice;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.runtime.LlamaRuntime;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Asks the same of models on the processor and on the first GPU, and prints how the answers differ. */
final class VulkanProbe {

    private static final LoadOptions PROCESSOR = LoadOptions.defaults().withDevices(List.of(LoadOptions.NO_DEVICE));
    private static final List<String> QUESTIONS = DemoFiles.prompts("prompt").subList(0, 6);

    private static final Logger LOG = Logger.getLogger(NativeLog.LOGGER); // kept, or it would be forgotten
    private static final TreeSet<String> OFFLOADED = new TreeSet<>();

    private VulkanProbe() {}

    public static void main(String[] arguments) throws IOException {
        LlamaRuntime runtime = LlamaRuntime.load();
        runtime.backends().forEach(System.out::println);
        List<ComputeDevice> gpus =
                runtime.devices().stream().filter(ComputeDevice::isGpu).toList();
        if (gpus.isEmpty()) {
            System.out.println("no GPU");
            return;
        }
        System.out.println("on " + gpus.getFirst());
        listen();
        LoadOptions all = LoadOptions.defaults()
                .withGpuLayers(LoadOptions.ALL)
                .withDevices(List.of(gpus.getFirst().name()));
        file("file", all);
        file("two layers", all.withGpuLayers(2));
        for (FileType type : List.of(FileType.F16, FileType.Q8_0, FileType.Q4_K_M)) {
            live(type, all);
        }
        OFFLOADED.forEach(System.out::println);
    }

    private static void listen() {
        LOG.setLevel(Level.ALL);
        LOG.setUseParentHandlers(false);
        LOG.addHandler(new Handler() {
            @Override
            public void publish(LogRecord record) {
                if (record.getMessage().contains("offloaded")) {
                    OFFLOADED.add(record.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
    }

    private static void file(String what, LoadOptions gpu) throws IOException {
        try (LlamaModel here = LlamaModel.load(DemoFiles.ALIGNED, PROCESSOR);
                LlamaModel there = LlamaModel.load(DemoFiles.ALIGNED, gpu)) {
            compare(what, here, there);
        }
    }

    /** Changes alpha on both, forth and back. */
    private static void live(FileType type, LoadOptions gpu) throws IOException {
        PlanOptions options = PlanOptions.builder().alpha(0.5f).fileType(type).build();
        WorkOptions how = WorkOptions.defaults();
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED);
                LiveModel here = LiveModel.open(pair, options, how, PROCESSOR);
                LiveModel there = LiveModel.open(pair, options, how, gpu)) {
            for (float alpha : new float[] {0.5f, 5, 0.5f}) {
                here.setAlpha(alpha);
                there.setAlpha(alpha);
                compare(type + " alpha " + alpha, here.model(), there.model());
            }
        }
    }

    private static void compare(String what, LlamaModel here, LlamaModel there) {
        ContextOptions options = ContextOptions.defaults().withThreads(2).withContextTokens(256);
        int same = 0;
        double largest = 0;
        double difference = 0;
        try (LlamaContext ours = LlamaContext.open(here, options);
                LlamaContext theirs = LlamaContext.open(there, options)) {
            for (String question : QUESTIONS) {
                Generation answer = ours.generate(question, GenerationOptions.greedy(24));
                same += answer.text()
                                .equals(theirs.generate(question, GenerationOptions.greedy(24))
                                        .text())
                        ? 1
                        : 0;
                int[] tokens = here.tokenizePrompt(question + answer.text());
                float[] expected = ours.logits(tokens);
                float[] actual = theirs.logits(tokens);
                for (int i = 0; i < expected.length; i++) {
                    largest = Math.max(largest, Math.abs(expected[i]));
                    difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "compared %s | %d of %d | %.6f of %.3f%n",
                what,
                same,
                QUESTIONS.size(),
                difference,
                largest);
    }
}
