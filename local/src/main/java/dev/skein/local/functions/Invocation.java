package dev.skein.local.functions;

/**
 * A finished invocation of a function.
 *
 * @param coldStart whether an execution environment was started for it
 */
public record Invocation(InvocationResult result, boolean coldStart) {}
