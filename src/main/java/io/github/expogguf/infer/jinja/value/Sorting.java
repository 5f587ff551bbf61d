package io.github.expogguf.infer.jinja.value;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Python's stable {@code sorted}. It asks for {@code <} only, and in the order in which CPython does for up to 64 items
 * (a run, then binary insertion), so that it complains about the same pair of items.
 */
public final class Sorting {

    private static final int SHORT = 64;

    /** An item with what it is sorted by. */
    public record Item(@Nullable Object key, @Nullable Object value) {}

    private final Work work;

    private Sorting(Work work) {
        this.work = work;
    }

    public static List<@Nullable Object> sorted(List<Item> items, boolean reverse, Work work) throws JinjaException {
        work.chargeObjects(2L * items.size());
        // reversed twice, equal items keep their order
        List<Item> sorted = new Sorting(work).sort(new ArrayList<>(reverse ? items.reversed() : items));
        List<@Nullable Object> values = new ArrayList<>(sorted.size());
        for (Item item : reverse ? sorted.reversed() : sorted) {
            values.add(item.value());
        }
        return values;
    }

    private boolean isLess(Item left, Item right) throws JinjaException {
        work.charge(4);
        return Comparison.order("<", left.key(), right.key(), work);
    }

    private List<Item> sort(List<Item> items) throws JinjaException {
        if (items.size() <= SHORT) {
            insertInOrder(items);
            return items;
        }
        int middle = items.size() / 2;
        List<Item> left = sort(new ArrayList<>(items.subList(0, middle)));
        List<Item> right = sort(new ArrayList<>(items.subList(middle, items.size())));
        List<Item> merged = new ArrayList<>(items.size());
        int i = 0;
        for (Item item : right) {
            while (i < left.size() && !isLess(item, left.get(i))) {
                merged.add(left.get(i++));
            }
            merged.add(item);
        }
        merged.addAll(left.subList(i, left.size()));
        return merged;
    }

    private void insertInOrder(List<Item> items) throws JinjaException {
        for (int i = firstRun(items); i < items.size(); i++) {
            Item item = items.get(i);
            int low = 0;
            int high = i;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (isLess(item, items.get(middle))) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            items.remove(i);
            items.add(low, item);
        }
    }

    /** The length of the run at the beginning, made ascending. */
    private int firstRun(List<Item> items) throws JinjaException {
        if (items.size() < 2) {
            return items.size();
        }
        boolean descending = isLess(items.get(1), items.get(0));
        int end = 2;
        while (end < items.size() && isLess(items.get(end), items.get(end - 1)) == descending) {
            end++;
        }
        if (descending) {
            List<Item> run = new ArrayList<>(items.subList(0, end)).reversed();
            for (int i = 0; i < end; i++) {
                items.set(i, run.get(i));
            }
        }
        return end;
    }
}
