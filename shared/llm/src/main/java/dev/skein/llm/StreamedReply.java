package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmRequest.ReplyMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stream of chunks. It is complete when it says so, by a {@code finish_reason} or by {@code
 * [DONE]}; how its connection ends makes no difference to that.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat-streaming">OpenAI API
 *     reference, Chat streaming</a>
 */
final class StreamedReply implements ReplyReader {
  /** One is usual. A stream that goes on without content is passed on rather than collected. */
  private static final int MAX_HELD_CHUNKS = 8;

  private final LlmRequest request;
  private final SseParser events = new SseParser();
  private final StringBuilder text = new StringBuilder();

  /** Chunks without content: once one is passed on, the call can no longer fail over. */
  private final List<Delta> held = new ArrayList<>();

  private long size;
  private String model = "";
  private String finishReason = "";
  private boolean refused;
  private boolean hasContent;
  private long tokens;
  private Optional<Usage> usage = Optional.empty();
  private Optional<AttemptResult> result = Optional.empty();

  /** The reply to {@code request}. */
  StreamedReply(LlmRequest request) {
    this.request = request;
  }

  @Override
  public List<Delta> read(List<ByteBuffer> bytes) {
    var deltas = new ArrayList<Delta>();
    for (ByteBuffer buffer : bytes) {
      if (result.isEmpty()) {
        read(buffer, deltas);
      }
    }
    return deltas;
  }

  private void read(ByteBuffer bytes, List<Delta> deltas) {
    size += bytes.remaining();
    if (size > LlmLimits.MAX_STREAM_BYTES) {
      result = Optional.of(new AttemptResult.TooLarge());
    }
    try {
      for (String data : events.read(bytes)) {
        if (result.isEmpty()) {
          event(data, deltas);
        }
      }
    } catch (CharacterCodingException e) {
      cut("the stream is not valid UTF-8");
    } catch (SseParser.TooLargeException e) {
      result = Optional.of(new AttemptResult.TooLarge());
    }
  }

  private void event(String data, List<Delta> deltas) {
    if (data.strip().equals("[DONE]")) {
      result = Optional.of(complete(finishReason.isEmpty() ? "unknown" : finishReason));
      return;
    }
    try {
      chunk(Json.STRICT.parse(data), data, deltas);
    } catch (MalformedJsonException e) {
      cut("an event of the stream " + e.getMessage());
    }
  }

  private void chunk(JsonNode chunk, String data, List<Delta> deltas) {
    if (chunk.hasNonNull("error")) {
      cut("the provider ended the stream with an error" + ErrorReply.codeClause(chunk));
      return;
    }
    JsonNode choice = chunk.path("choices").path(0);
    JsonNode delta = choice.path("delta");
    String content = delta.path("content").asText("");
    if (text.length() + content.length() > LlmLimits.MAX_REPLY_BYTES) {
      result = Optional.of(new AttemptResult.TooLarge());
      return;
    }
    text.append(content);
    refused |= delta.hasNonNull("refusal");
    finishReason = choice.path("finish_reason").asText(finishReason);
    model = model.isEmpty() ? chunk.path("model").asText("") : model;
    usage = OpenAiReply.usage(chunk.path("usage")).or(() -> usage);
    if (hasContent(delta)) {
      tokens++;
    }
    hasContent |= tokens > 0 || !finishReason.isEmpty();
    if (isForReader(choice, content)) {
      passOn(new Delta(content, data), deltas);
    }
  }

  /** The role comes first, and alone: a stream that has sent no more can still fail over. */
  private static boolean hasContent(JsonNode delta) {
    for (var field : delta.properties()) {
      JsonNode value = field.getValue();
      boolean empty =
          value.isNull()
              || (value.isContainerNode() && value.isEmpty())
              || (value.isTextual() && value.textValue().isEmpty());
      if (!field.getKey().equals("role") && !empty) {
        return true;
      }
    }
    return false;
  }

  private boolean isForReader(JsonNode choice, String content) {
    return switch (request.replyMode()) {
      case TEXT_ONLY -> !content.isEmpty();
      // The last chunk holds nothing but the usage that we asked for.
      case PASS_THROUGH -> choice.isObject() || request.asksForUsage();
    };
  }

  private void passOn(Delta delta, List<Delta> deltas) {
    if (!hasContent && held.size() < MAX_HELD_CHUNKS) {
      held.add(delta);
      return;
    }
    deltas.addAll(held);
    held.clear();
    deltas.add(delta);
  }

  private void cut(String reason) {
    result = Optional.of(new AttemptResult.Streamed(new LlmOutcome.Cut(reason)));
  }

  private AttemptResult complete(String reason) {
    var content = new OpenAiReply.Content(text.toString(), reason, refused, model, usage);
    boolean empty = request.replyMode() == ReplyMode.PASS_THROUGH && !hasContent;
    return new AttemptResult.Streamed(
        empty ? OpenAiReply.NO_CONTENT : OpenAiReply.outcome(content, request.replyMode()));
  }

  @Override
  public Optional<AttemptResult> earlyResult() {
    return result;
  }

  @Override
  public long tokens() {
    return tokens;
  }

  @Override
  public boolean lacksOnlyEndMark() {
    return !finishReason.isEmpty();
  }

  @Override
  public AttemptResult ended() {
    return brokenOff("the stream ended without a sign of its completion");
  }

  @Override
  public AttemptResult brokenOff(String reason) {
    return lacksOnlyEndMark()
        ? complete(finishReason)
        : new AttemptResult.Streamed(new LlmOutcome.Cut(reason));
  }
}
