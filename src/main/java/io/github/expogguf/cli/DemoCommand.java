package io.github.expogguf.cli;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.demo.Demo;
import io.github.expogguf.demo.DemoJson;
import io.github.expogguf.demo.DemoOptions;
import io.github.expogguf.demo.DemoResult;
import io.github.expogguf.demo.DemoText;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Whether all this works: on a miniature pair that is in the jar. */
@Command(
        name = "demo",
        description = {
            "Extrapolates a bundled, really trained miniature pair at a few alphas, lets llama.cpp answer questions"
                    + " with every result, and shows the answers with their ground-truth rewards.",
            ""
        })
final class DemoCommand extends Subcommand {

    @Mixin
    private RunFlags run;

    @Mixin
    private NativeFlags nativeLibrary;

    @Override
    public ExitCode execute() throws IOException {
        nativeLibrary.load();
        DemoOptions options = DemoOptions.defaults().withThreads(run.threads());
        DemoResult result;
        try (ProgressPrinter progress = run.progress(console())) {
            showProgress(
                    progress,
                    0,
                    options.fileTypes().size() * (1 + options.alphas().size()));
            Demo.Listener listener = (done, total, _) -> showProgress(progress, done, total);
            result = Demo.run(options, listener, console().cancellation());
        }
        print(result);
        return ExitCode.OK;
    }

    private static void showProgress(ProgressPrinter progress, int done, int total) {
        String text = "demo: " + done + " of " + Units.count(total, "model") + " have answered";
        progress.show(() -> text, () -> text);
    }

    private void print(DemoResult result) {
        if (json()) {
            console().print(document(result));
            return;
        }
        Terminal terminal = Terminal.ofStdout();
        boolean unicode = console().out().charset().newEncoder().canEncode('\u2588');
        console().out().print(new DemoText(terminal.columns(), terminal.colors(), unicode).write(result));
    }

    static JsonObject document(DemoResult result) {
        JsonObject document = Json.document("demo");
        Json.tree(DemoJson.asMap(result)).asMap().forEach(document::add);
        return document;
    }
}
