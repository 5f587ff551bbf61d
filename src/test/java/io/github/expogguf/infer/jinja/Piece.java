package io.github.expogguf.infer.jinja;

import java.util.ArrayList;
import java.util.List;

/** A piece of a generated template. */
sealed interface Piece {

    /** Characters that stand as they are. */
    record Characters(String text) implements Piece {}

    /** What a rule of the grammar gave. */
    record Derived(String rule, List<Piece> parts) implements Piece {}

    /** What may be left out. */
    record Optional(List<Piece> parts) implements Piece {}

    default List<Piece> parts() {
        return switch (this) {
            case Characters characters -> List.of();
            case Derived(String rule, List<Piece> parts) -> parts;
            case Optional(List<Piece> parts) -> parts;
        };
    }

    /** The text of the template. */
    default String text() {
        if (this instanceof Characters(String text)) {
            return text;
        }
        StringBuilder text = new StringBuilder();
        parts().forEach(part -> text.append(part.text()));
        return text.toString();
    }

    /** The same with another part in one place; null takes the part away. */
    default Piece with(int index, Piece part) {
        List<Piece> parts = new ArrayList<>(parts());
        if (part == null) {
            parts.remove(index);
        } else {
            parts.set(index, part);
        }
        return switch (this) {
            case Characters characters -> throw new IllegalStateException("characters have no parts");
            case Derived derived -> new Derived(derived.rule(), parts);
            case Optional optional -> new Optional(parts);
        };
    }
}
