package artifacts;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Makes the list of what {@code expo-gguf.jar} is made of true: Maven knows its dependencies, but neither llama.cpp's
 * libraries nor what was left out, and takes JLine's licence for another of its family.
 *
 * <p>{@code java -cp JAR native/artifacts/BillOfMaterials.java JAR LIST}, whose gson reads the list.
 */
public final class BillOfMaterials {

    private static final String LLAMA = "pkg:github/ggml-org/llama.cpp@v";
    private static final String VERSION = "# llama.cpp v";

    private BillOfMaterials() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path list = Path.of(arguments[1]);
        JsonObject bill = JsonParser.parseString(Files.readString(list)).getAsJsonObject();
        JsonArray kept = new JsonArray();
        try (JarFile jar = new JarFile(arguments[0])) {
            for (JsonElement component : bill.getAsJsonArray("components")) {
                if (isIn(jar, component.getAsJsonObject())) {
                    kept.add(component);
                }
            }
            for (String version : llamaVersions(jar)) {
                kept.add(llama(version));
            }
        }
        bill.add("components", kept);
        connect(bill, kept);
        Files.writeString(
                list,
                new GsonBuilder()
                                .setPrettyPrinting()
                                .disableHtmlEscaping()
                                .create()
                                .toJson(bill) + "\n");
    }

    /** Leaves out references to what is not in the jar, and lets the jar depend on what Maven does not know. */
    private static void connect(JsonObject bill, JsonArray kept) {
        String jar = bill.getAsJsonObject("metadata")
                .getAsJsonObject("component")
                .get("bom-ref")
                .getAsString();
        Set<String> references = new TreeSet<>(Set.of(jar));
        kept.forEach(component ->
                references.add(component.getAsJsonObject().get("bom-ref").getAsString()));
        JsonArray dependencies = new JsonArray();
        for (JsonElement element : bill.getAsJsonArray("dependencies")) {
            JsonObject dependency = element.getAsJsonObject();
            JsonArray on = new JsonArray();
            if (dependency.has("dependsOn")) {
                dependency.getAsJsonArray("dependsOn").asList().stream()
                        .filter(reference -> references.contains(reference.getAsString()))
                        .forEach(on::add);
            }
            if (dependency.get("ref").getAsString().equals(jar)) {
                references.stream()
                        .filter(reference -> reference.startsWith(LLAMA))
                        .forEach(on::add);
            }
            dependency.add("dependsOn", on);
            if (references.contains(dependency.get("ref").getAsString())) {
                dependencies.add(dependency);
            }
        }
        bill.add("dependencies", dependencies);
    }

    private static boolean isIn(JarFile jar, JsonObject component) {
        switch (component.get("group").getAsString()) {
            case "org.jline" -> { // META-INF/LICENSE.jline, from the jars themselves
                component.add("licenses", licenses("BSD-3-Clause"));
                return true;
            }
            case "com.google.errorprone" -> { // annotations that gson was compiled with
                return jar.getEntry("com/google/errorprone/") != null;
            }
            default -> {
                return true;
            }
        }
    }

    /** Those of the platforms in the jar. */
    private static Set<String> llamaVersions(JarFile jar) throws IOException {
        Set<String> versions = new TreeSet<>();
        for (JarEntry entry : jar.stream().toList()) {
            if (entry.getName().matches("native/[^/]+/files\\.txt")) {
                try (InputStream files = jar.getInputStream(entry)) {
                    new String(files.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> line.startsWith(VERSION))
                            .forEach(line -> versions.add(line.substring(VERSION.length())));
                }
            }
        }
        if (versions.isEmpty()) {
            throw new IOException(jar.getName() + " holds no libraries of llama.cpp");
        }
        return versions;
    }

    private static JsonObject llama(String version) {
        String reference = LLAMA + version;
        JsonObject component = new JsonObject();
        component.addProperty("type", "library");
        component.addProperty("bom-ref", reference);
        component.addProperty("group", "ggml-org");
        component.addProperty("name", "llama.cpp");
        component.addProperty("version", "v" + version);
        component.add("licenses", licenses("MIT"));
        component.addProperty("purl", reference);
        return component;
    }

    private static JsonArray licenses(String id) {
        JsonObject license = new JsonObject();
        license.addProperty("id", id);
        JsonObject choice = new JsonObject();
        choice.add("license", license);
        JsonArray licenses = new JsonArray();
        licenses.add(choice);
        return licenses;
    }
}
