/**
 * The Jinja template language as chat templates use it: what jinja2 (3.1) gives in the sandbox that transformers sets
 * up for them (trim_blocks, lstrip_blocks, loop controls, {@code {% generation %}}, a {@code tojson} without HTML
 * escapes, {@code raise_exception}, {@code strftime_now}). A template is a tree (room {@code syntax}) with its scopes
 * ({@code Scopes}), and is run by {@code StatementEvaluator} on values that behave as Python's do (rooms {@code value},
 * {@code method}, {@code filter}). What a template costs is bounded ({@code Work}), and it can call nothing but what is
 * listed here: there is no access to objects, files or code. Uses the JDK only.
 */
@NullMarked
package io.github.expogguf.infer.jinja;

import org.jspecify.annotations.NullMarked;
