package io.github.expogguf.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.score.Preference;
import io.github.expogguf.search.Measurements;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Options can be added to every class of options without a change to whoever sets others. */
class OptionsTest {

    static List<Class<?>> classes() throws IOException {
        return Stream.concat(
                        PublicApi.types().stream()
                                .filter(type -> type.getSimpleName().endsWith("Options")),
                        Stream.of(Measurements.class))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("classes")
    void areMadeByBuildersAlone(Class<?> type) throws ReflectiveOperationException {
        assertThat(type.isRecord()).isFalse();
        assertThat(Modifier.isFinal(type.getModifiers())).isTrue();
        assertThat(type.getConstructors()).isEmpty();
        Class<?> builder = type.getMethod("builder").getReturnType();
        assertThat(Modifier.isStatic(type.getMethod("builder").getModifiers())).isTrue();
        assertThat(builder.getMethod("build").getReturnType()).isEqualTo(type);
        assertThat(type.getMethod("toBuilder").getReturnType()).isEqualTo(builder);
    }

    @ParameterizedTest
    @MethodSource("classes")
    void haveASetterForWhateverTheyTell(Class<?> type) throws ReflectiveOperationException {
        List<String> setters = Stream.of(
                        type.getMethod("builder").getReturnType().getMethods())
                .filter(method -> method.getParameterCount() == 1)
                .map(Method::getName)
                .toList();
        Class<?> values = Stream.of(type.getDeclaredClasses())
                .filter(Class::isRecord)
                .filter(record -> record.getSimpleName().equals("Values"))
                .findFirst()
                .orElseThrow();
        assertThat(values.getRecordComponents())
                .isNotEmpty()
                .allMatch(component -> setters.contains(component.getName()));
    }

    @ParameterizedTest
    @MethodSource("classes")
    void areEqualIfTheyHoldTheSame(Class<?> type) throws Exception {
        Object builder = type == Measurements.class // which asks for something to measure
                ? Measurements.builder().preferences(List.of(new Preference("a", "b", "c")))
                : type.getMethod("builder").invoke(null);
        Object options = builder.getClass().getMethod("build").invoke(builder);
        Object again = type.getMethod("toBuilder").invoke(options);
        Object same = again.getClass().getMethod("build").invoke(again);
        assertThat(same).isEqualTo(options).hasSameHashCodeAs(options).hasToString(options.toString());
        assertThat(options.toString()).startsWith(type.getSimpleName() + "[");
        assertThat(options).isNotEqualTo(null).isNotEqualTo("options");
    }
}
