package io.github.expogguf.cli.option.model;

import io.github.expogguf.RuleException;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.match.FirstMatch;
import io.github.expogguf.plan.match.RuleMatches;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Similar;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Rules of the command line that decide about no tensor, in words. */
final class IdleRules {

    private static final int SHOWN = 8;

    private IdleRules() {}

    /**
     * Why a rule is of no use.
     *
     * @param option that it was given with
     * @param text   what it says
     * @param name   expression for names
     */
    static String refusal(String option, String text, Pattern name, Plan plan) {
        List<String> names =
                plan.aligned().tensors().stream().map(TensorInfo::name).toList();
        String start = option + " " + Escape.quote(text) + ": ";
        FirstMatch<Pattern> alone =
                new FirstMatch<>(RuleException.Decides.TYPE, List.of(name), Function.identity(), new RuleMatches());
        if (names.stream().anyMatch(tensor -> alone.in(tensor).isPresent())) {
            return start + "rules before it match the same tensors, and the first match wins: put it before them";
        }
        List<String> kinds =
                names.stream().map(IdleRules::kind).distinct().map(Escape::text).toList();
        return start + "no tensor of " + Escape.text(plan.aligned().name()) + " has such a name; there are "
                + kinds.stream().limit(SHOWN).collect(Collectors.joining(", "))
                + (kinds.size() > SHOWN ? ", ... ('expo-gguf inspect' lists them)" : "")
                + Similar.hint(kind(name.pattern().replaceAll("[\\\\^$]", "")), kinds);
    }

    /** What is the same in all blocks. */
    private static String kind(String tensor) {
        return TensorNames.inBlock(tensor).map(TensorNames.InBlock::kind).orElse(tensor);
    }
}
