package io.github.expogguf.cli;

import io.github.expogguf.cli.chat.ChatCommand;
import io.github.expogguf.cli.doctor.DoctorCommand;
import io.github.expogguf.cli.eval.EvalCommand;
import io.github.expogguf.cli.eval.GenerateCommand;
import io.github.expogguf.cli.eval.PromptCommand;
import io.github.expogguf.cli.listen.ListenCommand;
import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.search.SearchCommand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** The commands by name, in the order of the help text. */
final class Commands {

    private static final Map<String, Class<?>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("extrapolate", ExtrapolateCommand.class);
        BY_NAME.put("quantize", QuantizeCommand.class);
        BY_NAME.put("imatrix", ImatrixCommand.class);
        BY_NAME.put("plan", PlanCommand.class);
        BY_NAME.put("inspect", InspectCommand.class);
        BY_NAME.put("compare", CompareCommand.class);
        BY_NAME.put("export-lora", ExportLoraCommand.class);
        BY_NAME.put("verify", VerifyCommand.class);
        BY_NAME.put("eval", EvalCommand.class);
        BY_NAME.put("generate", GenerateCommand.class);
        BY_NAME.put("prompt", PromptCommand.class);
        BY_NAME.put("search", SearchCommand.class);
        BY_NAME.put("listen", ListenCommand.class);
        BY_NAME.put("chat", ChatCommand.class);
        BY_NAME.put("presets", PresetsCommand.class);
        BY_NAME.put("doctor", DoctorCommand.class);
        BY_NAME.put("demo", DemoCommand.class);
        BY_NAME.put("version", VersionCommand.class);
        BY_NAME.put("generate-completion", CompletionCommand.class);
        BY_NAME.put("help", CommandLine.HelpCommand.class);
    }

    private Commands() {}

    /** Whether a failure is to be printed as JSON, too. */
    static boolean printsJson(String[] args) {
        return List.of(args).contains("--json");
    }

    /** Adds the command that is called; all of them where another one may be asked about. */
    static CommandLine addTo(CommandLine commandLine, String[] args) {
        Class<?> called = args.length == 0 ? null : BY_NAME.get(args[0]);
        if (called != null && BaseCommand.class.isAssignableFrom(called)) {
            return commandLine.addSubcommand(args[0], called);
        }
        BY_NAME.forEach(commandLine::addSubcommand);
        return commandLine;
    }
}
