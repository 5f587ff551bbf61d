package io.github.expogguf.embedding;

import io.github.expogguf.ExpoException;
import io.github.expogguf.infer.jinja.value.JinjaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Main class: calls every public method and constructor of the library with valid arguments, with each argument in turn
 * replaced by what a careful caller would not pass, and on closed objects. Prints what comes of it; a call that takes
 * the process down is the last one printed to stderr. Null is to be refused in words that name the parameter.
 */
final class ApiProbe {

    private static final long PATIENCE_SECONDS = 60;

    private static final Set<String> NULLS = Set.of("null", Oddities.OF_NULL, Oddities.OF_MANY_NULLS);

    private static final List<String> NEXT =
            List.of("GenerationStream.next()", "ChatAnswer.next()", "ChatStream.next()");

    /** Others than these are surprises. */
    private static final List<Class<? extends Throwable>> DOCUMENTED = List.of(
            IllegalArgumentException.class,
            IllegalStateException.class,
            ExpoException.class,
            IOException.class,
            UncheckedIOException.class,
            JinjaException.class,
            IndexOutOfBoundsException.class);

    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "watch");
        thread.setDaemon(true);
        return thread;
    });

    private final Samples samples;
    private final Oddities oddities;
    private int members;
    private int calls;
    private int refusals;
    private int surprises;

    private ApiProbe(Path directory, Path demo) throws Exception {
        samples = new Samples(directory, demo);
        oddities = new Oddities(directory);
    }

    public static void main(String[] arguments) throws Exception {
        ApiProbe probe = new ApiProbe(Path.of(arguments[0]), Path.of(arguments[1]));
        String only = arguments.length > 2 ? arguments[2] : "";
        for (Executable executable : PublicApi.executables()) {
            if (executable.toString().contains(only)) {
                probe.probe(executable);
            }
        }
        System.out.println("members " + probe.members + ", calls " + probe.calls + ", refusals " + probe.refusals
                + ", surprises " + probe.surprises);
        System.exit(0);
    }

    private void probe(Executable executable) throws Exception {
        members++;
        try {
            call(executable, -1, "", null, false);
        } catch (Exception e) {
            surprises++;
            System.out.println("surprise: " + executable + " cannot be tried: " + e);
            return;
        }
        Class<?>[] types = executable.getParameterTypes();
        for (int i = 0; i < types.length; i++) {
            for (Map.Entry<String, Object> odd : oddities.of(types[i]).entrySet()) {
                call(executable, i, odd.getKey(), odd.getValue(), false);
            }
        }
        if (!Modifier.isStatic(executable.getModifiers())
                && executable instanceof Method
                && AutoCloseable.class.isAssignableFrom(executable.getDeclaringClass())) {
            call(executable, -1, "", null, true);
        }
    }

    /** Calls with one argument replaced, or none. */
    private void call(Executable executable, int replaced, String kind, Object replacement, boolean closed)
            throws Exception {
        Object receiver = null;
        Object[] arguments = new Object[executable.getParameterCount()];
        if (executable instanceof Method method && !Modifier.isStatic(method.getModifiers())) {
            receiver = samples.of(method.getDeclaringClass());
        }
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = i == replaced ? replacement : samples.of(executable.getGenericParameterTypes()[i]);
        }
        if (closed) {
            ((AutoCloseable) receiver).close();
        }
        String text = describe(executable, replaced, kind, closed);
        calls++;
        System.err.println(text);
        ScheduledFuture<?> alarm = watch.schedule(() -> giveUp(text), PATIENCE_SECONDS, TimeUnit.SECONDS);
        boolean refused = false;
        try {
            Object result = executable instanceof Constructor<?> constructor
                    ? constructor.newInstance(arguments)
                    : ((Method) executable).invoke(receiver, arguments);
            if (result instanceof AutoCloseable closeable && !samples.isShared(result)) {
                closeable.close();
            }
        } catch (InvocationTargetException e) {
            refused = isNamedRefusal(e.getCause(), executable, replaced);
            judge(text, kind, e.getCause());
        } finally {
            alarm.cancel(false);
            samples.closeAll();
        }
        if (NULLS.contains(kind) && !refused && !mayTakeNull(executable)) {
            surprises++;
            System.out.println("surprise: " + text + ": is not refused with a NullPointerException that names "
                    + executable.getParameters()[replaced].getName());
        }
    }

    /** What the library calls and others implement, what the compiler wrote, and exceptions, of whatever text. */
    private static boolean mayTakeNull(Executable executable) {
        Class<?> type = executable.getDeclaringClass();
        return (type.isEnum() && executable.getName().equals("valueOf"))
                || executable.getName().equals("equals")
                || Modifier.isAbstract(executable.getModifiers())
                || Throwable.class.isAssignableFrom(type);
    }

    private static boolean isNamedRefusal(Throwable thrown, Executable executable, int replaced) {
        return replaced >= 0
                && thrown instanceof NullPointerException
                && String.valueOf(thrown.getMessage()).contains(executable.getParameters()[replaced].getName());
    }

    private void judge(String text, String kind, Throwable thrown) {
        refusals++;
        boolean documented = (thrown instanceof InternalError && kind.equals("mapped")) // the JDK's word for it
                || DOCUMENTED.stream().anyMatch(type -> type.isInstance(thrown))
                || (thrown instanceof NullPointerException && kind.contains("null"))
                || (thrown instanceof WrongThreadException && kind.equals("of another thread"))
                || (thrown instanceof ArithmeticException && text.startsWith("Shape("))
                || (thrown instanceof NoSuchElementException && NEXT.stream().anyMatch(text::startsWith));
        if (!documented) {
            surprises++;
            StackTraceElement at = thrown.getStackTrace().length == 0 ? null : thrown.getStackTrace()[0];
            System.out.println("surprise: " + text + ": " + thrown + " at " + at);
        }
    }

    private static void giveUp(String text) {
        System.out.println("surprise: " + text + ": takes more than " + PATIENCE_SECONDS + " s");
        Runtime.getRuntime().halt(3);
    }

    private static String describe(Executable executable, int replaced, String kind, boolean closed) {
        String name = executable.getDeclaringClass().getSimpleName()
                + (executable instanceof Method method ? "." + method.getName() : "");
        List<String> types = Arrays.stream(executable.getParameterTypes())
                .map(Class::getSimpleName)
                .toList();
        return name + "(" + String.join(", ", types) + ")" + (replaced < 0 ? "" : " argument " + replaced + " " + kind)
                + (closed ? " closed" : "");
    }
}
