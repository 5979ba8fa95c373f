package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmRequest.ReplyMode;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A stream of chunks. It is complete when it says so, by a {@code finish_reason} after which no
 * more of the answer comes, or by {@code [DONE]}; how its connection ends makes no difference to
 * that. Without a reason, {@code [DONE]} does not count after an event that is neither a chunk nor
 * a keep-alive: so some servers end a stream that failed.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat-streaming">OpenAI API
 *     reference, Chat streaming</a>
 */
final class StreamedReply implements ReplyReader {
  /** One is usual. A stream that goes on without content is passed on rather than collected. */
  private static final int MAX_HELD_CHUNKS = 8;

  /** The names and types of events that only keep the connection alive. */
  private static final Set<String> KEEP_ALIVES =
      Set.of("ping", "heartbeat", "keepalive", "keep-alive", "keep_alive");

  private static final Malformed CHAT_STREAM =
      new Malformed("the stream has a chat's deltas in place of texts");

  private final LlmRequest request;
  private final SseParser events;
  private final AnswerText text;
  private final StreamedChoice choices;
  private final StreamEnd end = new StreamEnd();
  private final DetailsCollector details;

  /** Chunks without content: once one is passed on, the call can no longer fail over. */
  private final List<Delta> held = new ArrayList<>();

  private long size;
  private boolean hasUnknownEvent;
  private boolean refused;
  private boolean reasoned;
  private boolean hasContent;
  private long tokens;
  private Optional<AttemptResult> result = Optional.empty();

  /**
   * The reply to {@code request}.
   *
   * @param details collects what it says about itself
   */
  StreamedReply(LlmRequest request, DetailsCollector details) {
    this.request = request;
    this.details = details;
    this.choices = new StreamedChoice(request.isChat());
    this.events = new SseParser(LlmLimits.maxReplyBytes(request.replyMode()));
    this.text =
        new AnswerText(request.replyMode() == ReplyMode.TEXT_ONLY, LlmLimits.MAX_TEXT_REPLY_BYTES);
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
      tooLarge(size, LlmLimits.MAX_STREAM_BYTES);
      return;
    }
    try {
      for (SseParser.Event event : events.read(bytes)) {
        read(event, deltas);
      }
    } catch (CharacterCodingException e) {
      cut("the stream is not valid UTF-8");
    } catch (SseParser.TooLargeException e) {
      tooLarge(e.size(), e.limit());
    }
  }

  /**
   * Some servers leave out the last empty line, or its line's end. By the standard the event is
   * then none; OpenAI's client for Node reads it, too. Half an event is never JSON.
   */
  @Override
  public List<Delta> readRest() {
    var deltas = new ArrayList<Delta>();
    try {
      for (SseParser.Event event : events.rest()) {
        if (result.isEmpty() && isWhole(event.data().strip())) {
          read(event, deltas);
        }
      }
    } catch (CharacterCodingException e) {
      // It ends within a character.
    }
    return deltas;
  }

  private static boolean isWhole(String data) {
    try {
      return data.equals(OpenAiReply.END_MARK) || Json.PROVIDER.parse(data).isObject();
    } catch (MalformedJsonException e) {
      return false;
    }
  }

  private void tooLarge(long bytes, long limit) {
    result = Optional.of(new AttemptResult.TooLarge(bytes, limit));
  }

  private void read(SseParser.Event event, List<Delta> deltas) {
    String data = event.data().strip();
    if (result.isPresent() || data.isEmpty()) {
      return;
    }
    try {
      if (event.name().equals(SseParser.ERROR)) {
        fail(Json.PROVIDER.parse(data));
      } else if (data.equals(OpenAiReply.END_MARK)) {
        readEndMark(deltas);
      } else if (!data.startsWith(":") && !KEEP_ALIVES.contains(event.name())) {
        read(Json.PROVIDER.parse(data), event.data(), deltas);
      }
    } catch (MalformedJsonException e) {
      if (data.contains("\n")) {
        // Some servers leave out the empty lines between events.
        data.lines().forEach(line -> read(new SseParser.Event(event.name(), line), deltas));
      } else {
        cut("an event of the stream " + e.getMessage());
      }
    }
  }

  private void read(JsonNode event, String data, List<Delta> deltas) {
    if (!OpenAiReply.hasValue(event) || KEEP_ALIVES.contains(event.path("type").asText(""))) {
      return;
    }
    if (!event.isObject() || HiddenError.isIn(event)) {
      fail(event);
    } else if (isChunk(event)) {
      chunk(event, data, deltas);
    } else {
      hasUnknownEvent = true;
    }
  }

  private static boolean isChunk(JsonNode event) {
    return event.has("choices")
        || event.has("usage")
        || event.path("object").asText("").startsWith("chat.completion");
  }

  private void chunk(JsonNode chunk, String data, List<Delta> deltas) {
    JsonNode choice = choices.in(chunk);
    if (!request.isChat() && choice.has("delta")) {
      // Passed on, it would be an empty text to the caller.
      result = Optional.of(new AttemptResult.Streamed(CHAT_STREAM));
      return;
    }
    JsonNode delta = choices.delta(choice);
    String content = OpenAiReply.text(delta.path("content"));
    if (request.replyMode() == ReplyMode.TEXT_ONLY && !text.fits(content)) {
      tooLarge(size, LlmLimits.MAX_TEXT_REPLY_BYTES);
      return;
    }
    String added = text.add(content);
    refused |= OpenAiReply.hasValue(delta.path("refusal"));
    reasoned |= OpenAiReply.isReasoning(delta);
    boolean ends = end.read(choice, delta);
    details.choice(end.reason(), delta);
    boolean isPart = end.reason().isEmpty() && !chunk.path("choices").isEmpty();
    details.report(chunk, isPart, end.isCertain());
    if (ends || StreamedChoice.hasContent(delta)) {
      hasContent = true;
      tokens++;
    }
    if (ends) {
      added += text.rest();
    }
    if (FinishReason.of(end.reason()) == FinishReason.FAILED) {
      cut(OpenAiReply.FAILED);
      return;
    }
    if (isForReader(chunk, added)) {
      passOn(new Delta(added, data), deltas);
    }
  }

  private boolean isForReader(JsonNode chunk, String content) {
    return switch (request.replyMode()) {
      case TEXT_ONLY -> !content.isEmpty();
      // Of a chat, the chunk that holds nothing but the usage was requested by Skein.
      case PASS_THROUGH ->
          !request.isChat()
              || !chunk.path("choices").isEmpty()
              || !OpenAiReply.hasValue(chunk.path("usage"))
              || request.asksForUsage();
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

  /** Before the first content, an error counts as the reply that it would have been. */
  private void fail(JsonNode event) {
    // What had been counted before it is not the usage of the whole answer.
    boolean counts = OpenAiReply.hasValue(event.path("usage"));
    details.report(event, !counts, counts);
    boolean hasPlace = event.has("error") || event.has("choices");
    JsonNode error = hasPlace ? event : Json.object().set("error", event);
    var status = HiddenError.status(error).filter(_ -> !hasContent);
    if (status.isPresent()) {
      byte[] body = Json.PROVIDER.write(error).getBytes(StandardCharsets.UTF_8);
      var headers = HttpHeaders.of(Map.of(), (_, _) -> true);
      result =
          Optional.of(new AttemptResult.Answered(status.get(), headers, ByteBuffer.wrap(body)));
    } else {
      cut("the provider ended the stream with an error" + ErrorReply.codeClause(error));
    }
  }

  private void readEndMark(List<Delta> deltas) {
    if (end.reason().isEmpty() && hasUnknownEvent) {
      cut("the provider ended the stream after an event that is no chunk");
      return;
    }
    String rest = text.rest();
    if (request.replyMode() == ReplyMode.TEXT_ONLY && !rest.isEmpty()) {
      passOn(new Delta(rest, ""), deltas);
    }
    result = Optional.of(complete(end.reason().isEmpty() ? "unknown" : end.reason()));
  }

  private AttemptResult complete(String reason) {
    details.end();
    var content =
        new OpenAiReply.Content(
            text.toString(),
            reason,
            refused,
            reasoned || text.hasReasoning(),
            details.model(),
            // A count before the last part of the answer is not that of the answer.
            details.hasLastUsage() ? details.usage() : Optional.empty());
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
    return end.lacksOnlyEndMark();
  }

  @Override
  public Duration endMarkLimit(Duration stall) {
    return end.limit(details.hasLastUsage(), stall);
  }

  @Override
  public AttemptResult ended() {
    if (!end.reason().isEmpty()) {
      return complete(end.reason());
    }
    // llama-cpp-python ends a stream so when the prompt is too long for the context.
    return size == 0
        ? new AttemptResult.Streamed(OpenAiReply.NO_CONTENT)
        : brokenOff("the stream ended without a sign of its completion");
  }

  @Override
  public AttemptResult brokenOff(String reason) {
    return lacksOnlyEndMark()
        ? complete(end.reason())
        : new AttemptResult.Streamed(new LlmOutcome.Cut(reason));
  }
}
