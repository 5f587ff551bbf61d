package io.github.expogguf.cli.report;

import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.compare.Remark.Weight;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Roles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a look at some rows of every checkpoint tells, each against the first. */
final class CheckpointRemarks {

    private CheckpointRemarks() {}

    /**
     * A remark that holds for several checkpoints is made once.
     *
     * @param last    the last checkpoint, compared with the first
     * @param between the same of those between, by their steps
     * @param steps   of all checkpoints
     */
    static List<Remark> of(PairComparison last, List<PairComparison> between, List<Double> steps) {
        List<Remark> remarks = new ArrayList<>();
        last.doubts().forEach(doubt -> remarks.add(named(doubt, Roles.FIRST_AND_LAST)));
        Map<Remark, List<Double>> found = new LinkedHashMap<>();
        for (int i = 0; i < between.size(); i++) {
            for (Remark doubt : between.get(i).weightDoubts()) {
                found.computeIfAbsent(doubt, _ -> new ArrayList<>()).add(steps.get(i + 1));
            }
        }
        last.weightDoubts().stream()
                .filter(doubt -> doubt.weight() == Weight.NOTE)
                .forEach(found::remove);
        found.forEach((doubt, at) -> remarks.add(named(
                new Remark(
                        doubt.weight(),
                        (at.size() == 1 ? "step " : "steps ") + list(at) + " beside step "
                                + Numbers.brief(steps.getFirst()) + ": " + doubt.text()),
                new Roles("the first checkpoint", at.size() == 1 ? "this checkpoint" : "these checkpoints"))));
        remarks.addAll(twice(last, between, steps));
        return remarks;
    }

    private static Remark named(Remark remark, Roles roles) {
        return new Remark(remark.weight(), roles.in(remark.text()));
    }

    /** Checkpoints that follow each other and are one model, the first aside, to which a difference of none is told. */
    private static List<Remark> twice(PairComparison last, List<PairComparison> between, List<Double> steps) {
        List<PairComparison> later = new ArrayList<>(between);
        later.add(last);
        List<Remark> remarks = new ArrayList<>();
        for (int i = 1; i < later.size(); i++) {
            if (later.get(i).total().changed() > 0
                    && later.get(i).total().equals(later.get(i - 1).total())) {
                remarks.add(new Remark(
                        Weight.WARNING,
                        "steps " + list(List.of(steps.get(i), steps.get(i + 1)))
                                + ": a sample of the weights is the same in both: is one model given twice?"));
            }
        }
        return remarks;
    }

    private static String list(List<Double> steps) {
        return steps.stream().map(Numbers::brief).collect(Collectors.joining(", "));
    }
}
