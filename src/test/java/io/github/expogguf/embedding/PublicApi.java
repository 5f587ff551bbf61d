package io.github.expogguf.embedding;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything of the library that an application can call: public members of public types, found in the classes. */
final class PublicApi {

    private PublicApi() {}

    /** Constructors and methods, in a fixed order. */
    static List<Executable> executables() throws IOException, ClassNotFoundException {
        List<Executable> all = new ArrayList<>();
        for (Class<?> type : types()) {
            for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                if (Modifier.isPublic(constructor.getModifiers()) && !Modifier.isAbstract(type.getModifiers())) {
                    all.add(constructor);
                }
            }
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic() && !isException(type)) {
                    all.add(method);
                }
            }
        }
        all.sort(Comparator.comparing(Executable::toString));
        return all;
    }

    /** What the module lets others see. */
    private static Set<String> exports(Path classes) throws IOException {
        try (InputStream descriptor = Files.newInputStream(classes.resolve("module-info.class"))) {
            return ModuleDescriptor.read(descriptor).exports().stream()
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
        }
    }

    private static List<Class<?>> types() throws IOException, ClassNotFoundException {
        Path classes = Path.of("target", "classes").toAbsolutePath();
        Set<String> exported = exports(classes);
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes.resolve("io"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class"))
                    .sorted()
                    .toList()) {
                String name = classes.relativize(file)
                        .toString()
                        .replace(".class", "")
                        .replace('/', '.');
                String packageName = name.substring(0, name.lastIndexOf('.'));
                if (exported.contains(packageName) && !name.endsWith("package-info")) {
                    Class<?> type = Class.forName(name, false, PublicApi.class.getClassLoader());
                    if (isVisible(type)) {
                        types.add(type);
                    }
                }
            }
        }
        return types;
    }

    /** They are made by the library; what they hold is only read. */
    private static boolean isException(Class<?> type) {
        return Throwable.class.isAssignableFrom(type);
    }

    private static boolean isVisible(Class<?> type) {
        for (Class<?> at = type; at != null; at = at.getEnclosingClass()) {
            if (!Modifier.isPublic(at.getModifiers())) {
                return false;
            }
        }
        return true;
    }
}
