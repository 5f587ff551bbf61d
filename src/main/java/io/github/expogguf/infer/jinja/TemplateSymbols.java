package io.github.expogguf.infer.jinja;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which variable a name means in one scope of a template. jinja2 turns a template into a function of Python whose local
 * variables are named after a name and the depth of a scope, and decides beforehand where each comes from. So a name
 * that is set later in a scope is undefined before, even if the caller gave a variable of that name; what is set in one
 * branch of an {@code if} is the caller's in the others. The same decisions are made here (jinja2.idtracking, 3.1.2).
 */
final class TemplateSymbols {

    /** What a variable is when its scope begins. */
    enum Origin {
        /** Assigned by the scope itself: a target of a loop, a parameter of a macro. */
        PARAMETER,
        /** Looked up among what the caller gave. */
        CONTEXT,
        /** A copy of an outer variable. */
        OUTER,
        UNDEFINED
    }

    /** Where a variable comes from; the outer variable for {@link Origin#OUTER}, a name for CONTEXT, else null. */
    record Load(Origin origin, @Nullable String from) {}

    private final @Nullable TemplateSymbols parent;
    private final int level;
    private final Map<String, String> variables; // by name
    private final Map<String, Load> loads; // by variable
    private final Set<String> stores;

    private TemplateSymbols(
            @Nullable TemplateSymbols parent,
            int level,
            Map<String, String> variables,
            Map<String, Load> loads,
            Set<String> stores) {
        this.parent = parent;
        this.level = level;
        this.variables = variables;
        this.loads = loads;
        this.stores = stores;
    }

    /** An empty scope inside another one; the parent of the outermost is null. */
    static TemplateSymbols inside(@Nullable TemplateSymbols parent) {
        return new TemplateSymbols(
                parent, parent == null ? 0 : parent.level + 1, new HashMap<>(), new LinkedHashMap<>(), new HashSet<>());
    }

    /** For one branch of an {@code if}. */
    TemplateSymbols copy() {
        return new TemplateSymbols(
                parent, level, new HashMap<>(variables), new LinkedHashMap<>(loads), new HashSet<>(stores));
    }

    Map<String, Load> loads() {
        return loads;
    }

    /** The variable that a name means here, or null. */
    @Nullable
    String find(String name) {
        for (TemplateSymbols scope = this; scope != null; scope = scope.parent) {
            String variable = scope.variables.get(name);
            if (variable != null) {
                return variable;
            }
        }
        return null;
    }

    /** The variable of this scope alone. */
    @Nullable
    String own(String name) {
        return variables.get(name);
    }

    private void define(String name, Load load) {
        String variable = level + ":" + name;
        variables.put(name, variable);
        loads.put(variable, load);
    }

    void declareParameter(String name) {
        stores.add(name);
        define(name, new Load(Origin.PARAMETER, null));
    }

    void load(String name) {
        if (find(name) == null) {
            define(name, new Load(Origin.CONTEXT, name));
        }
    }

    void store(String name) {
        stores.add(name);
        if (variables.containsKey(name)) {
            return;
        }
        String outer = parent == null ? null : parent.find(name);
        define(name, outer != null ? new Load(Origin.OUTER, outer) : new Load(Origin.UNDEFINED, null));
    }

    /** Takes over the branches of an {@code if}: what only some of them set may come from outside. */
    void merge(List<TemplateSymbols> branches) {
        Map<String, Integer> counts = new HashMap<>();
        for (TemplateSymbols branch : branches) {
            for (String name : branch.stores) {
                if (!stores.contains(name)) {
                    counts.merge(name, 1, Integer::sum);
                }
            }
        }
        for (TemplateSymbols branch : branches) {
            variables.putAll(branch.variables);
            loads.putAll(branch.loads);
            stores.addAll(branch.stores);
        }
        counts.forEach((name, count) -> {
            if (count < branches.size()) {
                String outer = parent == null ? null : parent.find(name);
                loads.put(find(name), outer != null ? new Load(Origin.OUTER, outer) : new Load(Origin.CONTEXT, name));
            }
        });
    }

    /** All names that are set here or outside, with the variables they mean here. */
    Map<String, String> stored() {
        Map<String, String> stored = new HashMap<>();
        for (TemplateSymbols scope = this; scope != null; scope = scope.parent) {
            scope.stores.forEach(name -> stored.putIfAbsent(name, find(name)));
        }
        return stored;
    }
}
