package io.github.expogguf.cli.option;

import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
     * A key of the mapping.
     *
     * @param file  name of the file
     * @param line  counted from 1
     * @param key   as written
     * @param value what it is given
     */
    record Entry(String file, int line, String key, Node value) {

        /** The value as one text. */
        String text() {
            return scalar(value, "expected one value");
        }

        /** The value as a list; one text is a list of one. */
        List<String> list() {
            if (!(value instanceof SequenceNode sequence)) {
                return List.of(text());
            }
            return sequence.getValue().stream()
                    .map(node -> scalar(node, "expected a list of values"))
                    .toList();
        }

        /** {@code NAME=VALUE} of each, in order; a mapping, or a list of such texts. */
        List<String> assignments() {
            if (!(value instanceof MappingNode mapping)) {
                return list();
            }
            return entries(file, mapping).stream()
                    .map(entry -> entry.key + "=" + entry.text())
                    .toList();
        }

        IllegalArgumentException problem(String text) {
            return YamlText.problem(file, line, "'" + Escape.text(key) + "': " + text);
        }

        private static String scalar(Node node, String expected) {
            if (node instanceof ScalarNode scalar) {
                return scalar.getValue();
            }
            throw new IllegalArgumentException(expected);
        }
    }

    /**
     * The keys in their order.
     *
     * @throws IllegalArgumentException if it is not such a mapping; names the line
     */
    static List<Entry> read(String file, String text) {
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
            return entries(file, mapping);
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

    private static List<Entry> entries(String file, MappingNode mapping) {
        List<Entry> entries = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            int line = line(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw problem(file, line, "a key that is not a text");
            }
            if (!seen.add(key.getValue())) {
                throw problem(file, line, "'" + Escape.text(key.getValue()) + "': is there twice");
            }
            entries.add(new Entry(file, line, key.getValue(), tuple.getValueNode()));
        }
        return entries;
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(0) + 1;
    }

    private static IllegalArgumentException problem(String file, int line, String text) {
        return new IllegalArgumentException(file + ":" + line + ": " + text);
    }
}
