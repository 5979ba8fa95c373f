package dev.skein.local.front;

import dev.skein.local.functions.InvocationResult;
import java.util.Optional;

/**
 * The response to one request.
 *
 * @param head status, headers and, unless it is streamed, the body
 * @param stream the body of a streamed response, positioned at its first byte
 * @param coldStart whether an execution environment was started for it
 * @param detail for the console: why it is not the function's response; may be empty
 */
record RoutedResponse(
    ProxyResponse head,
    Optional<InvocationResult.Streamed> stream,
    boolean coldStart,
    String detail) {}
