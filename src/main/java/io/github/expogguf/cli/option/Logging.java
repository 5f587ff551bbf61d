package io.github.expogguf.cli.option;

import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.nativelib.NativeLog;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;

/**
 * How the library's log looks on stderr: one line per record, warnings only unless {@code --verbose}. The JDK's log
 * manager creates this class when something is logged for the first time, so a run that logs nothing pays nothing.
 */
public final class Logging {

    private static final String CONFIGURATION_CLASS = "java.util.logging.config.class";
    private static final String CONFIGURATION_FILE = "java.util.logging.config.file";

    private static volatile boolean verbose;
    private static volatile boolean quiet;

    /** Called by the log manager; configures it. */
    public Logging() throws IOException {
        String level = verbose ? "FINE" : "WARNING";
        String configuration = String.format(
                Locale.ROOT,
                """
                handlers=java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.level=ALL
                java.util.logging.ConsoleHandler.formatter=%s
                .level=%s
                io.github.expogguf.level=%s
                %s.level=%s
                """,
                OneLine.class.getName(),
                "WARNING",
                level,
                NativeLog.UNUSED_LOGGER,
                quiet ? "OFF" : "WARNING");
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(configuration.getBytes(StandardCharsets.UTF_8)));
    }

    /** Names this class to the log manager, unless the user has configured logging. */
    static void configure(boolean showDetails, boolean hideRemarks) {
        verbose = showDetails;
        quiet = hideRemarks && !showDetails;
        if (System.getProperty(CONFIGURATION_CLASS) == null && System.getProperty(CONFIGURATION_FILE) == null) {
            System.setProperty(CONFIGURATION_CLASS, Logging.class.getName());
        }
    }

    /** {@code expo-gguf: warning: message}; {@code log} for details. An error is what the command itself says. */
    public static final class OneLine extends Formatter {

        @Override
        public String format(LogRecord record) {
            String cause = record.getThrown() == null ? "" : ": " + record.getThrown();
            String text = formatMessage(record).strip() + cause;
            boolean isDetail = record.getLevel().intValue() < Level.WARNING.intValue();
            String line = "expo-gguf: " + (isDetail ? "log" : "warning") + ": " + Printable.message(text);
            return (isDetail ? line : Console.onStderr(line)) + System.lineSeparator();
        }
    }
}
