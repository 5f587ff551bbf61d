/** What the commands say, for people and as JSON: plans, models, comparisons, outputs, failures. */
@NullMarked
package io.github.expogguf.cli.report;

import org.jspecify.annotations.NullMarked;
