package io.github.expogguf.cli.listen;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Opens pages in whatever the user has, if it can. */
final class Browser {

    private Browser() {}

    /** Whether there was something to open it with. */
    static boolean open(String address) {
        try {
            new ProcessBuilder(command(System.getProperty("os.name").toLowerCase(Locale.ROOT), address))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    static List<String> command(String system, String address) {
        if (system.startsWith("windows")) {
            return List.of("rundll32", "url.dll,FileProtocolHandler", address);
        }
        return List.of(system.startsWith("mac") ? "open" : "xdg-open", address);
    }
}
