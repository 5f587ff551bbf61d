package io.github.expogguf.embedding;

import io.github.expogguf.ExpoException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything of the library that an application can use: public members of public types in exported packages. */
final class PublicApi {

    private PublicApi() {}

    /** Constructors and methods, in a fixed order. */
    static List<Executable> executables() throws IOException {
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

    /** A line for each type, with what it extends, and an indented one for each member. */
    static List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : types()) {
            lines.add(line(type));
            Stream.<Member[]>of(type.getDeclaredFields(), type.getDeclaredConstructors(), type.getDeclaredMethods())
                    .flatMap(Arrays::stream)
                    .filter(member ->
                            Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
                    .filter(member -> !member.isSynthetic())
                    .map(member -> "    " + line(member, type))
                    .sorted()
                    .forEach(lines::add);
        }
        return lines;
    }

    private static String line(Class<?> type) {
        List<Type> above = new ArrayList<>(List.of(type.getGenericInterfaces()));
        if (type.getSuperclass() != null && type.getSuperclass() != Object.class) {
            above.addFirst(type.getGenericSuperclass());
        }
        return type.toGenericString()
                + (above.isEmpty()
                        ? ""
                        : above.stream()
                                .map(Type::getTypeName)
                                .map(PublicApi::withoutPackages)
                                .collect(Collectors.joining(", ", " : ", "")));
    }

    private static String line(Member member, Class<?> type) {
        String line = switch (member) {
            case Field field -> field.toGenericString();
            case Executable executable -> executable.toGenericString();
            default -> throw new IllegalArgumentException(member.toString());
        };
        return withoutPackages(line.replace(" " + type.getName() + ".", " ").replace(" synchronized ", " "));
    }

    private static String withoutPackages(String line) {
        return line.replaceAll("\\b([a-z][a-z0-9]*\\.)+(?=[A-Z])", "");
    }

    static List<Class<?>> types() throws IOException {
        Path classes = classes();
        List<Class<?>> types = new ArrayList<>();
        for (String exported : exports()) {
            try (Stream<Path> files = Files.list(classes.resolve(exported.replace('.', '/')))) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
                        .map(name -> type(exported + "." + name.substring(0, name.lastIndexOf('.'))))
                        .filter(PublicApi::isVisible)
                        .forEach(types::add);
            }
        }
        types.sort(Comparator.comparing(Class::getName));
        return types;
    }

    private static Path classes() {
        try {
            return Path.of(ExpoException.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The packages that everybody may use. */
    static List<String> exports() throws IOException {
        try (InputStream descriptor = Files.newInputStream(classes().resolve("module-info.class"))) {
            return ModuleDescriptor.read(descriptor).exports().stream()
                    .filter(export -> !export.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .sorted()
                    .toList();
        }
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name, false, PublicApi.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
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
