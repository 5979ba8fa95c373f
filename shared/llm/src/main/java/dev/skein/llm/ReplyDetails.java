package dev.skein.llm;

import java.util.List;
import java.util.Optional;

/**
 * What a reply says about itself, for records: words and IDs, and none of its text. Every member is
 * ASCII of a limited length.
 *
 * @param requestId the provider's ID of the request, which its support asks for
 * @param finishReason why the model stopped, in the provider's own word
 * @param toolCalls the names of the tools that the model calls, in order, without arguments
 */
public record ReplyDetails(
    Optional<String> requestId, Optional<String> finishReason, List<String> toolCalls) {

  /** Nothing is known: there was no reply. */
  public static final ReplyDetails NONE =
      new ReplyDetails(Optional.empty(), Optional.empty(), List.of());

  public ReplyDetails {
    toolCalls = List.copyOf(toolCalls);
  }
}
