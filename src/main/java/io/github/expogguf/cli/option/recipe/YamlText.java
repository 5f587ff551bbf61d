package io.github.expogguf.cli.option.recipe;

import io.github.expogguf.text.Escape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A YAML mapping of texts, lists of texts and mappings of texts, as written: no value becomes a number or a date,
 * nothing is constructed. It may be a stranger's: size and depth are bounded before a tree is built, and there are no
 * aliases.
 */
final class YamlText {

    private static final int MAX_LENGTH = 1 << 16;
    private static final int MAX_DEPTH = 4;

    private static final String NO_ALIASES = "an alias; a factor of alpha stands in quotes, as in '*0.5'";

    private YamlText() {}

    /**
     * A mapping.
     *
     * @param file  name of the file
     * @param tree  its keys, in their order, to texts, lists and maps of these
     * @param lines where the keys stand, counted from 1
     */
    record Mapping(String file, Map<String, Object> tree, Map<String, Integer> lines) {

        IllegalArgumentException problem(String key, String text) {
            return YamlText.problem(file, lines.getOrDefault(key, 1), "'" + Escape.text(key) + "': " + text);
        }
    }

    /**
     * The mapping that a text is.
     *
     * @throws IllegalArgumentException if it is not such a mapping; names the line
     */
    static Mapping read(String file, String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    file + ": " + text.length() + " characters, expected at most " + MAX_LENGTH);
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setCodePointLimit(MAX_LENGTH)
                .build();
        try {
            checkEvents(file, new Parse(settings).parseString(text));
            Optional<Node> root = new Compose(settings).composeString(text);
            if (!(root.orElse(null) instanceof MappingNode mapping)) {
                throw problem(file, 1, "expected keys and values, as in 'alpha: 0.3'");
            }
            return mapping(file, mapping);
        } catch (MarkedYamlEngineException wrong) {
            boolean isAlias = wrong.getContext() != null && wrong.getContext().contains("alias");
            throw problem(file, line(wrong.getProblemMark()), isAlias ? NO_ALIASES : "no YAML: " + wrong.getProblem());
        } catch (YamlEngineException wrong) {
            throw new IllegalArgumentException(file + ": no YAML: " + wrong.getMessage(), wrong);
        }
    }

    /** The parser keeps no tree and does not recurse; what builds the tree does. */
    private static void checkEvents(String file, Iterable<Event> events) {
        int depth = 0;
        for (Event event : events) {
            switch (event) {
                case AliasEvent alias -> throw problem(file, line(alias.getStartMark()), NO_ALIASES);
                case CollectionStartEvent start -> {
                    if (++depth > MAX_DEPTH) {
                        throw problem(file, line(start.getStartMark()), "nested too deep");
                    }
                }
                case CollectionEndEvent _ -> depth--;
                default -> {}
            }
        }
    }

    private static Mapping mapping(String file, MappingNode node) {
        Map<String, Object> tree = new LinkedHashMap<>();
        Map<String, Integer> lines = new HashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            int line = line(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw problem(file, line, "a key that is not a text");
            }
            if (lines.put(key.getValue(), line) != null) {
                throw problem(file, line, "'" + Escape.text(key.getValue()) + "': is there twice");
            }
            tree.put(key.getValue(), value(file, tuple.getValueNode()));
        }
        return new Mapping(file, tree, lines);
    }

    private static Object value(String file, Node node) {
        return switch (node) {
            case SequenceNode sequence ->
                sequence.getValue().stream().map(each -> value(file, each)).toList();
            case MappingNode mapping -> mapping(file, mapping).tree();
            case ScalarNode scalar -> scalar.getValue();
            default -> throw new IllegalArgumentException(file + ": no YAML: " + node.getNodeType());
        };
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(0) + 1;
    }

    private static IllegalArgumentException problem(String file, int line, String text) {
        return new IllegalArgumentException(file + ":" + line + ": " + text);
    }
}
