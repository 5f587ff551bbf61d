package io.github.expogguf.convert;

import java.util.List;
import java.util.Optional;

/**
 * One line of the rules.
 *
 * @param text   what stands behind the {@code <}
 * @param target name of the GGUF's tensor
 * @param loop   over what the terms are repeated
 * @param terms  sources whose elements follow each other; none if the template's own tensor is taken
 * @param unless a source that must not be there
 */
record Rule(String text, NamePattern target, Loop loop, List<Term> terms, Optional<NamePattern> unless) {

    /**
     * The terms once for each value of a variable.
     *
     * @param variable its name
     * @param count    its values are 0 and so on, this many
     */
    record Loop(String variable, NumberExpression count) {}
}
