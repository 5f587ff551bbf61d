package io.github.expogguf.cli.terminal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.Map;

/**
 * What a stream is connected to. Asks C's {@code isatty}: {@code System.console()} is null as soon as stdout is piped,
 * and then says nothing of stderr.
 *
 * @param interactive whether a line can be redrawn: a terminal, and not a dumb one
 * @param columns     its width
 */
public record Terminal(boolean interactive, int columns) {

    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    /** Where it does not say; sentences are no wider on any terminal. */
    public static final int DEFAULT_COLUMNS = 80;

    /** Whether the process's stdin is one, be it a dumb one. */
    static boolean isStdin() {
        return isTerminal(STDIN);
    }

    /** Looks at the process's stdout and environment. */
    public static Terminal ofStdout() {
        return of(STDOUT);
    }

    /** Looks at the process's stderr and environment. */
    static Terminal ofStderr() {
        return of(STDERR);
    }

    /** As wide as sentences should be there. */
    public int columnsOfText() {
        return Math.min(columns, DEFAULT_COLUMNS);
    }

    /** Whether to use colours: not where the user has set NO_COLOR (no-color.org). */
    public boolean colors() {
        String noColor = System.getenv("NO_COLOR");
        return interactive && (noColor == null || noColor.isEmpty());
    }

    private static Terminal of(int stream) {
        Map<String, String> environment = System.getenv();
        boolean interactive = !"dumb".equals(environment.get("TERM")) && isTerminal(stream);
        return new Terminal(interactive, interactive ? columns(stream, environment) : said(environment));
    }

    @SuppressWarnings("SystemConsoleNull") // null where stdin or stdout is piped, in JDK 25 as it was before 22
    private static boolean isTerminal(int stream) {
        if (Terminal.class.getModule().isNativeAccessEnabled()) {
            try {
                return nativeIsTerminal(stream);
            } catch (Throwable _) {
                // no such function in the C library: fall back to what Java knows
            }
        }
        return System.console() != null && System.console().isTerminal();
    }

    private static boolean nativeIsTerminal(int stream) throws Throwable {
        Linker linker = Linker.nativeLinker();
        SymbolLookup lookup = linker.defaultLookup();
        MemorySegment isatty =
                lookup.find("isatty").or(() -> lookup.find("_isatty")).orElseThrow();
        FunctionDescriptor signature = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
        return (int) linker.downcallHandle(isatty, signature).invokeExact(stream) != 0;
    }

    private static int columns(int stream, Map<String, String> environment) {
        int columns = 0;
        try {
            columns = windowColumns(stream);
        } catch (Throwable _) {
            // not a POSIX system, or native access is off
        }
        return columns > 0 ? columns : said(environment);
    }

    /** What the user says, through a pipe, too. */
    private static int said(Map<String, String> environment) {
        String variable = environment.getOrDefault("COLUMNS", "");
        int columns = variable.matches("[0-9]{1,4}") ? Integer.parseInt(variable) : 0;
        return columns > 0 ? columns : DEFAULT_COLUMNS;
    }

    /** {@code ioctl(stream, TIOCGWINSZ, &size)}; struct winsize: rows, columns, two sizes in pixels; 16 bits each. */
    private static int windowColumns(int stream) throws Throwable {
        boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
        boolean mac = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac");
        if (!(linux || mac) || !Terminal.class.getModule().isNativeAccessEnabled()) {
            return 0;
        }
        long request = linux ? 0x5413 : 0x40087468; // asm-generic/ioctls.h; sys/ttycom.h
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor signature = FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
        MemorySegment ioctl = linker.defaultLookup().find("ioctl").orElseThrow();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(8);
            int result = (int) linker.downcallHandle(ioctl, signature, Linker.Option.firstVariadicArg(2))
                    .invokeExact(stream, request, size);
            return result == 0 ? Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 2)) : 0;
        }
    }
}
