package io.github.expogguf.cli.report;

import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.gguf.TensorNames.InBlock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Expressions for {@code --tensor-type} that match some tensors and none of the others: by block where a whole block is
 * meant, by name where not, blocks with the same names together.
 */
final class TensorPatterns {

    private static final String BLOCKS = "blk.";

    /** So that no expression is longer than {@code --tensor-type} takes. */
    private static final int MOST_BLOCKS = 64;

    /** Blocks with tensors that are not to match. */
    private final Set<String> mixed = new LinkedHashSet<>();

    private final boolean hasOtherBlocks;

    /** What is the same in names that are one expression. */
    private record Family(String before, String after) {}

    /** @param others names that are not to match */
    TensorPatterns(Collection<String> others) {
        others.forEach(name -> block(name).ifPresent(mixed::add));
        this.hasOtherBlocks = others.stream().anyMatch(name -> name.indexOf(BLOCKS) > 0);
    }

    /** As in {@code blk.2}. */
    static Optional<String> block(String name) {
        return parts(name).map(InBlock::block);
    }

    private static Optional<InBlock> parts(String name) {
        return TensorNames.inBlock(name)
                .filter(parts -> name.startsWith(parts.block() + ".")); // not with a number that begins with 0
    }

    /** Whether it is in a block that none of the others is in. */
    boolean isInWholeBlock(String name) {
        return block(name).filter(block -> !mixed.contains(block)).isPresent();
    }

    /** Expressions that match these names, and no others but in blocks that none of the others is in. */
    List<String> of(Collection<String> wanted) {
        Map<Family, Set<String>> families = new LinkedHashMap<>(); // to numbers of blocks
        List<String> patterns = new ArrayList<>();
        for (String name : wanted) {
            parts(name)
                    .ifPresentOrElse(
                            parts -> families.computeIfAbsent(
                                            new Family(parts.part() + BLOCKS, isInWholeBlock(name) ? "" : parts.kind()),
                                            _ -> new LinkedHashSet<>())
                                    .add(String.valueOf(parts.number())),
                            () -> patterns.add("^" + escape(name) + "$"));
        }
        families.forEach(
                (family, blocks) -> split(List.copyOf(blocks)).forEach(part -> patterns.add(pattern(family, part))));
        return patterns;
    }

    private static List<List<String>> split(List<String> blocks) {
        List<List<String>> parts = new ArrayList<>();
        for (int from = 0; from < blocks.size(); from += MOST_BLOCKS) {
            parts.add(blocks.subList(from, Math.min(blocks.size(), from + MOST_BLOCKS)));
        }
        return parts;
    }

    private String pattern(Family family, List<String> blocks) {
        String numbers = blocks.size() == 1 ? blocks.getFirst() : "(" + String.join("|", blocks) + ")";
        String block = escape(family.before) + numbers + escape(".");
        if (!family.after.isEmpty()) {
            return "^" + block + escape(family.after) + "$";
        }
        return family.before.equals(BLOCKS) && !hasOtherBlocks ? block : "^" + block;
    }

    private static String escape(String text) {
        return text.replaceAll("[\\\\.\\[\\]{}()*+?^$|]", "\\\\$0");
    }
}
