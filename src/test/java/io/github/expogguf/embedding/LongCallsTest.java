package io.github.expogguf.embedding;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaStaticInitializer;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.expogguf.ExpoException;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Member;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever computes, loads or reads weights can be ended: by an argument, an option, or an overload that has one. */
class LongCallsTest {

    /** What takes as long as a model is large, or as long as somebody else likes. */
    private static final Set<String> LONG = Set.of(
            "GgufModel.read",
            "Llama.llama_decode",
            "Llama.llama_model_init_from_user",
            "Llama.llama_model_load_from_file",
            "Llama.llama_model_load_from_splits",
            "Process.waitFor",
            "Workers.run");

    private static final Set<String> READ_NO_WEIGHTS = Set.of(
            "ImatrixReader.read",
            "LlamaModel.loadVocabulary",
            "LlamaModel.requireLoadable",
            "RepeatedRecipe.options",
            "RepeatedRecipe.readImatrix",
            "UnfinishedImatrix.read",
            "WrittenRecipe.outputs");

    private static final Set<String> RETURN_WHAT_TAKES_WORK_OPTIONS =
            Set.of("DivergenceOn.answers", "DivergenceOn.text");

    private static final Set<String> END_BY_WHAT_MADE_THEM = Set.of(
            "ChatStream.hasNext",
            "ChatStream.next",
            "ExpoPair.write",
            "GenerationStream.hasNext",
            "GenerationStream.next",
            "JudgeCommand.score",
            "LiveEvaluator.evaluate",
            "RewardModel.rerank",
            "RewardModel.score");

    private static final Set<String> END_WITH_THE_CALLERS_EVALUATOR = Set.of(
            "AlphaSearch.run",
            "AlphaSearch.runUnjudged",
            "ProfileSearch.run",
            "SearchLog.keeping",
            "SearchLog.keepingProfiles");

    private final Map<JavaCodeUnit, Set<JavaCodeUnit>> callers = new HashMap<>();
    private final Set<String> met = new TreeSet<>();
    private final Deque<JavaCodeUnit> open = new ArrayDeque<>();
    private final Set<Member> lasting = new HashSet<>();

    @Test
    void takeACancellation() throws IOException {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ExpoException.class.getPackageName());
        classes.forEach(type -> type.getCodeUnits().forEach(this::look));
        assertThat(met).isEqualTo(new TreeSet<>(LONG)); // no name of them is out of date
        climb();

        List<Executable> all = PublicApi.executables();
        Set<String> without = all.stream()
                .filter(lasting::contains)
                .filter(call -> all.stream().noneMatch(other -> name(other).equals(name(call)) && canBeEnded(other)))
                .map(LongCallsTest::name)
                .collect(toCollection(TreeSet::new));
        assertThat(without)
                .containsExactlyInAnyOrderElementsOf(Stream.of(
                                READ_NO_WEIGHTS,
                                RETURN_WHAT_TAKES_WORK_OPTIONS,
                                END_BY_WHAT_MADE_THEM,
                                END_WITH_THE_CALLERS_EVALUATOR)
                        .flatMap(Set::stream)
                        .toList());
        assertThat(lasting).hasSizeGreaterThan(without.size());
    }

    /** What a lambda calls counts as called by the method that it stands in. */
    private void look(JavaCodeUnit unit) {
        Stream.of(unit.getCallsFromSelf(), unit.getMethodReferencesFromSelf(), unit.getConstructorReferencesFromSelf())
                .flatMap(Set::stream)
                .map(access -> (CodeUnitAccessTarget) access.getTarget())
                .forEach(target -> look(unit, target));
    }

    private void look(JavaCodeUnit unit, CodeUnitAccessTarget target) {
        String name = target.getOwner().getSimpleName() + "." + target.getName();
        if (LONG.contains(name)) {
            met.add(name);
            open.add(unit);
        }
        target.resolveMember().ifPresent(member -> addCaller((JavaCodeUnit) member, unit));
        if (target.getOwner().getPackageName().startsWith(ExpoException.class.getPackageName())) {
            target.getOwner().getAllSubclasses().stream()
                    .flatMap(type -> overriding(type, target))
                    .forEach(member -> addCaller(member, unit));
        }
    }

    private static Stream<JavaCodeUnit> overriding(JavaClass type, CodeUnitAccessTarget target) {
        return type.getCodeUnits().stream()
                .filter(unit -> unit.getName().equals(target.getName())
                        && unit.getRawParameterTypes().equals(target.getRawParameterTypes()));
    }

    private void addCaller(JavaCodeUnit called, JavaCodeUnit caller) {
        callers.computeIfAbsent(called, _ -> new HashSet<>()).add(caller);
    }

    private void climb() {
        while (!open.isEmpty()) {
            JavaCodeUnit unit = open.pop();
            if (!(unit instanceof JavaStaticInitializer) && lasting.add(unit.reflect())) {
                open.addAll(callers.getOrDefault(unit, Set.of()));
            }
        }
    }

    private static boolean canBeEnded(Executable call) {
        return Arrays.stream(call.getParameterTypes()).anyMatch(LongCallsTest::hasCancellation);
    }

    private static boolean hasCancellation(Class<?> type) {
        return type == Cancellation.class
                || Arrays.stream(type.getMethods())
                        .anyMatch(method ->
                                method.getName().equals("cancellation") || method.getReturnType() == WorkOptions.class);
    }

    private static String name(Executable call) {
        return call.getDeclaringClass().getSimpleName() + "." + call.getName();
    }
}
