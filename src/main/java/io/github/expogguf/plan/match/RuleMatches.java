package io.github.expogguf.plan.match;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which of some rules decided about the tensors of a model, remembered as long as the rules are in use: every output of
 * a pass, and every alpha of a search, asks the same again. Any thread may call.
 */
public final class RuleMatches {

    private static final int MAX_NAMES = 1 << 16;

    /** By rules, the number of the deciding one by name. */
    private final Map<List<?>, Map<String, Integer>> known = Collections.synchronizedMap(new WeakHashMap<>());

    /** Numbers by name. */
    Map<String, Integer> of(List<?> rules) {
        Map<String, Integer> numbers = known.computeIfAbsent(rules, _ -> new ConcurrentHashMap<>());
        if (numbers.size() > MAX_NAMES) {
            numbers.clear();
        }
        return numbers;
    }
}
