package dev.skein.local.functions;

/**
 * One call of a function, done.
 *
 * @param coldStart whether an environment was started for it
 */
public record Invocation(InvocationResult outcome, boolean coldStart) {}
