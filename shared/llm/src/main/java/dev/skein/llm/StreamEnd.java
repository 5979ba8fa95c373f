package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;

/**
 * What the reasons in a stream say about its end. A reason that more of the answer follows was
 * none: some servers give one with the first chunk, or with each. Not thread-safe.
 */
final class StreamEnd {
  /** How long a reply that lacks nothing but its end mark may take to send it. */
  private static final Duration END_MARK_LIMIT = Duration.ofSeconds(1);

  /**
   * The same while the usage, which was asked for, has not come: some servers count it after the
   * last token. A server that ends a stream in no way at all costs each caller this much, although
   * the text is complete: it is not the stall limit for that reason.
   */
  private static final Duration USAGE_LIMIT = Duration.ofSeconds(4);

  /** The members of a delta that are a part of the answer. */
  private static final List<String> ANSWER =
      List.of(
          "content", "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call");

  private String reason = "";

  /** Whether a part of the answer has followed a reason. */
  private boolean hasEarlyReason;

  /** Whether the reason may be another early one. */
  private boolean isDoubtful;

  private boolean hasAnswer;

  /** Reads a chunk's choice, and returns whether it has a reason. */
  boolean read(JsonNode choice, JsonNode delta) {
    boolean answers = ANSWER.stream().anyMatch(member -> OpenAiReply.hasValue(delta.path(member)));
    boolean isFirst = answers && !hasAnswer;
    hasAnswer |= answers;
    if (answers && !reason.isEmpty()) {
      hasEarlyReason = true;
      reason = "";
    }
    String word = AnswerText.unicode(choice.path("finish_reason").asText(""));
    if (FinishReason.of(word) == FinishReason.NONE) {
      return false;
    }
    reason = word;
    isDoubtful = answers && (hasEarlyReason || isFirst);
    return true;
  }

  /** The last reason that nothing of the answer has followed, in the API's word; empty if none. */
  String reason() {
    return reason;
  }

  /** Whether there is a reason, and no sign that it comes too early. */
  boolean isCertain() {
    return !reason.isEmpty() && !isDoubtful;
  }

  /** Whether the answer is complete even if its stream breaks off. */
  boolean lacksOnlyEndMark() {
    return hasAnswer && isCertain();
  }

  /**
   * How long to wait for the end mark.
   *
   * @param stall the longest that is waited for anything
   */
  Duration limit(boolean hasUsage, Duration stall) {
    if (hasEarlyReason) {
      return stall;
    }
    Duration limit = hasUsage ? END_MARK_LIMIT : USAGE_LIMIT;
    return limit.compareTo(stall) < 0 ? limit : stall;
  }
}
