package io.github.expogguf.convert.rule;

import java.util.List;

/**
 * One way to make a tensor.
 *
 * @param text   what stands behind the {@code <}, but for sources that must not be there
 * @param target name of the GGUF's tensor
 * @param loop   over what the terms are repeated
 * @param terms  sources whose elements follow each other; none if the template's own tensor is taken
 * @param others the same with the names that sources may have instead
 * @param unless sources that must not be there
 */
record Rule(
        String text,
        NamePattern target,
        Loop loop,
        List<Term> terms,
        List<List<Term>> others,
        List<NamePattern> unless) {

    /**
     * The terms once for each value of a variable.
     *
     * @param variable its name
     * @param count    its values are 0 and so on, this many
     */
    record Loop(String variable, NumberExpression count) {}
}
