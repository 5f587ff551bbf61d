package io.github.expogguf;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.StringEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

/** Keeps the imports between packages pointing downwards, and the library free of everything but the JDK. */
@Tag("house")
class ArchitectureTest {

    static final String ROOT = "io.github.expogguf";

    /** Annotations for a compiler, nothing that runs. */
    private static final String NULLNESS = "org.jspecify.annotations..";

    private static final Pattern OPTION = Pattern.compile("(?<![-\\w])--[a-z]");
    private static final List<String> OPTIONS_OF_JAVA = List.of("--add-modules", "--enable-native-access");

    private static final Pattern SHORT_OPTION = Pattern.compile("(?<![-\\w%|])-[a-zA-Z](?![-\\w])");

    /** With their own short options. */
    private static final Pattern COMMANDS_OF_OTHERS = Pattern.compile("java -D|ollama create");

    /** A shell is called; a file of the search begins with the name of the program. */
    private static final Set<String> CALLERS_OF_OTHERS =
            Set.of("score.JudgeCommand", "search.SearchLogLines", "search.votes.VoteLogLines");

    private static final Path SOURCES = Path.of("src", "main", "java", "io", "github", "expogguf");

    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\n]*");
    private static final Pattern OTHER_PROGRAM = Pattern.compile("llama[-.]|converter|JVM|\\.py");

    /** The rules of a recipe are options by the format of the file; a model card shows command lines. */
    private static final Set<String> WRITERS_OF_OPTIONS = Set.of("plan.recipe.RecipeRules", "card.CommandLines");

    /** From top to bottom; packages on one line do not see each other. The root package is below all of them. */
    private static final List<List<String>> LAYERS = List.of(
            List.of("cli", "launch"),
            List.of("cli.search", "cli.chat", "cli.eval", "cli.listen", "cli.doctor"),
            List.of("cli.option.model"),
            List.of("cli.option"),
            List.of("cli.option.recipe"),
            List.of("cli.option.value"),
            List.of("cli.report"),
            List.of("cli.files"),
            List.of("cli.terminal", "cli.estimate"),
            List.of("demo", "start"),
            List.of("search.votes"),
            List.of("search"),
            List.of("search.log"),
            List.of("score"),
            List.of("card"),
            List.of("run"),
            List.of("run.lora.export", "run.mixture", "verify"),
            List.of("run.lora", "run.rank"),
            List.of("run.output"),
            List.of("run.input"),
            List.of("run.compute"),
            List.of("infer", "compare"),
            List.of("infer.decode"),
            List.of("infer.load", "infer.token"),
            List.of("infer.prompt"),
            List.of("infer.jinja", "infer.grammar", "compare.realised"),
            List.of("infer.jinja.syntax", "infer.jinja.filter"),
            List.of("infer.jinja.method"),
            List.of("infer.jinja.value"),
            List.of("plan"),
            List.of("plan.metadata"),
            List.of("plan.recipe"),
            List.of("plan.task", "plan.budget"),
            List.of("plan.pair", "plan.mixture"),
            List.of("plan.options"),
            List.of("plan.match"),
            List.of("extrapolate"),
            List.of("convert"),
            List.of("convert.proof", "convert.peft"),
            List.of("convert.config"),
            List.of("convert.rule"),
            List.of("convert.gather"),
            List.of("quant"),
            List.of("quant.grid", "quant.simple"),
            List.of("quant.k", "quant.levels"),
            List.of("quant.unpack"),
            List.of("quant.lanes"),
            List.of("imatrix"),
            List.of("runtime"),
            List.of("nativelib"),
            List.of("safetensors"),
            List.of("gguf", "bindings"),
            List.of("simd", "work", "thread", "text.json"),
            List.of("text"));

    /** Rooms of {@code quant} whose classes compute with vectors. */
    private static final List<String> WIDE = List.of("lanes", "unpack", "k", "levels", "grid", "simple");

    static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void everyPackageHasALayer() {
        Set<String> known = LAYERS.stream().flatMap(List::stream).collect(Collectors.toSet());
        Set<String> found = CLASSES.stream()
                .map(type -> type.getPackageName())
                .filter(name -> name.startsWith(ROOT + "."))
                .map(name -> name.substring(ROOT.length() + 1))
                .collect(Collectors.toSet());

        assertThat(found).isEqualTo(known);
    }

    @Test
    void importsPointDownwards() {
        List<String> below = new ArrayList<>(List.of(ROOT));
        for (List<String> layer : LAYERS.reversed()) {
            for (String name : layer) {
                String[] allowed = concat(below, ROOT + "." + name);
                check(classes()
                        .that()
                        .resideInAPackage(ROOT + "." + name)
                        .should()
                        .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(not(resideInAPackage(ROOT + "..")))));
            }
            layer.forEach(name -> below.add(ROOT + "." + name));
        }
    }

    @Test
    void noTwoPackagesKnowEachOtherInACircle() {
        check(slices().matching(ROOT + ".(**)").should().beFreeOfCycles());
    }

    @Test
    void rootPackageImportsNothing() {
        check(classes()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(ROOT, "java..", NULLNESS));
    }

    @Test
    void onlyTheRoomsOfNativeCodeTouchTheBindings() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(
                        in("bindings"),
                        in("quant"),
                        in("infer"),
                        in("infer.load"),
                        in("infer.decode"),
                        in("infer.token"),
                        in("verify"),
                        in("nativelib"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(in("bindings")));
    }

    @Test
    void ggufAndPlanAreFreeOfNativeCode() {
        check(noClasses()
                .that()
                .resideInAnyPackage(in("gguf"), in("imatrix"), in("plan"), in("text"))
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage(in("nativelib")));
    }

    /** Whatever runs without the module, as commands that only look do, must not need a class that does. */
    @Test
    void onlyWideAndVectorClassesNeedTheVectorModule() {
        DescribedPredicate<JavaClass> wide = resideInAnyPackage(
                concat(WIDE.stream().map(room -> ROOT + ".quant." + room).toList(), "jdk.incubator.vector"));
        check(classes()
                .that(not(wide)
                        .and(describe(
                                "are no Wide or Vector classes",
                                type -> !type.getName().matches(".*\\.(Wide|Vector)[A-Za-z0-9$]*"))))
                .should()
                .onlyDependOnClassesThat(not(wide)));
    }

    @Test
    void libraryNeedsTheJdkAlone() {
        check(classes()
                .that()
                .resideInAPackage(ROOT + "..")
                .and()
                .resideOutsideOfPackage(in("cli"))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(ROOT + "..", "java..", "jdk.incubator.vector..", NULLNESS));
    }

    @Test
    void libraryNeitherPrintsNorExits() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(in("cli"), in("launch"), in("bindings")) // jextract's tracing prints
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class));
    }

    /** In some languages a number that is formatted without saying so has other digits, in names of files, too. */
    @Test
    void nothingIsFormattedAsTheMachinesLanguageHasIt() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(in("bindings")) // jextract's tracing prints
                .should()
                .callMethod(String.class, "formatted", Object[].class)
                .orShould()
                .callMethod(String.class, "format", String.class, Object[].class)
                .orShould()
                .callMethod(String.class, "toLowerCase")
                .orShould()
                .callMethod(String.class, "toUpperCase")
                .orShould()
                .callMethod(PrintStream.class, "printf", String.class, Object[].class)
                .orShould()
                .callMethod(PrintWriter.class, "printf", String.class, Object[].class));
    }

    /** A message for an application that embeds the library must not name what only the command has. */
    @Test
    void libraryKnowsNoOptionsOfTheCommand() {
        List<String> found = new ArrayList<>();
        for (JavaClass type : CLASSES) {
            if (resideOutsideOfPackages(in("cli"), in("launch")).test(type)
                    && !WRITERS_OF_OPTIONS.contains(name(type))) {
                texts(type)
                        .filter(text -> OPTION.matcher(text).find()
                                && OPTIONS_OF_JAVA.stream().noneMatch(text::contains))
                        .forEach(text -> found.add(name(type) + ": " + text));
            }
        }

        assertThat(found).isEmpty();
    }

    @Test
    void libraryKnowsNoShortOptionsAndNoNamesOfCommands() {
        Pattern command = Pattern.compile(CLASSES.stream()
                .filter(type -> type.isAnnotatedWith(Command.class))
                .map(type -> type.getAnnotationOfType(Command.class).name())
                .collect(Collectors.joining("|", "expo-gguf (?:", ")\\b")));
        List<String> found = new ArrayList<>();
        for (JavaClass type : CLASSES) {
            if (resideOutsideOfPackages(in("cli"), in("launch")).test(type)
                    && !WRITERS_OF_OPTIONS.contains(name(type))
                    && !CALLERS_OF_OTHERS.contains(name(type))) {
                texts(type)
                        .filter(text -> SHORT_OPTION.matcher(text).find()
                                || command.matcher(text).find())
                        .filter(text -> !COMMANDS_OF_OTHERS.matcher(text).find())
                        .forEach(text -> found.add(name(type) + ": " + text));
            }
        }

        assertThat(command.pattern()).contains("extrapolate|", "|search");
        assertThat(found).isEmpty();
    }

    /** Comments, too; those of other programs are named with whose they are. */
    @Test
    void commentsOfTheLibraryNameNoOptionsOfTheCommand() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : sources()) {
            String name = SOURCES.relativize(file).toString().replace(File.separatorChar, '.');
            if (!name.matches("(cli|launch)\\..*") && !WRITERS_OF_OPTIONS.contains(name.replace(".java", ""))) {
                COMMENT.matcher(Files.readString(file))
                        .results()
                        .map(MatchResult::group)
                        .filter(comment -> OPTION.matcher(comment).find()
                                && !OTHER_PROGRAM.matcher(comment).find())
                        .forEach(comment -> found.add(name + ": " + comment));
            }
        }

        assertThat(found).isEmpty();
    }

    /** The formatter breaks neither these nor texts. */
    @Test
    void commentsAreNoWiderThanTheFormatterAllows() throws IOException {
        List<String> found = new ArrayList<>();
        for (String root : List.of("main", "test", "example", "jmh")) {
            try (Stream<Path> files = Files.walk(Path.of("src", root, "java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    Files.readAllLines(file).stream()
                            .filter(line -> line.length() > 120 && line.strip().matches("(?:/?\\*|//).*"))
                            .forEach(line -> found.add(file + ": " + line));
                }
            }
        }

        assertThat(found).isEmpty();
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static String name(JavaClass type) {
        return type.getName().substring(ROOT.length() + 1);
    }

    /** The string constants, those between the parts of a concatenation, too. */
    private static Stream<String> texts(JavaClass type) {
        try (InputStream file = type.getSource().orElseThrow().getUri().toURL().openStream()) {
            ClassModel model = ClassFile.of().parse(file.readAllBytes());
            return StreamSupport.stream(model.constantPool().spliterator(), false)
                    .filter(StringEntry.class::isInstance)
                    .map(entry -> ((StringEntry) entry).stringValue());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyFileNameIsThereOnce() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".java") && !name.equals("package-info.java")))
                    .doesNotHaveDuplicates();
        }
    }

    /** NullAway passes over a package that is not; the bindings are generated, and the launcher is for any Java. */
    @Test
    void everyPackageIsNullMarked() throws IOException {
        Set<Path> packages = new TreeSet<>();
        for (Path source : sources()) {
            packages.add(source.getParent());
        }
        packages.removeAll(List.of(SOURCES.resolve("bindings"), SOURCES.resolve("launch")));
        assertThat(packages)
                .isNotEmpty()
                .allSatisfy(each ->
                        assertThat(each.resolve("package-info.java")).content().contains("@NullMarked"));
    }

    @Test
    void launcherStandsAlone() {
        check(classes()
                .that()
                .resideInAPackage(in("launch"))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(in("launch"), "java.."));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }

    private static String in(String name) {
        return ROOT + "." + name + "..";
    }

    private static String[] concat(List<String> packages, String further) {
        List<String> all = new ArrayList<>(packages);
        all.add(further);
        return all.toArray(String[]::new);
    }
}
