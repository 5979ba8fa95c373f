package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmRequest.Answer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stream of chunks. It is whole when it has said so, by a {@code finish_reason} or by {@code
 * [DONE]}; how its socket ends does not matter then, and does not help before.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat-streaming">OpenAI API
 *     reference, Chat streaming</a>
 */
final class StreamedReply implements ReplyReader {
  /** One is usual. A stream that goes on saying nothing is passed on, and not collected. */
  private static final int MOST_HELD = 8;

  private final LlmRequest request;
  private final EventStream events = new EventStream();
  private final StringBuilder text = new StringBuilder();

  /** Chunks that say nothing yet: who has passed them on could not ask elsewhere any more. */
  private final List<Delta> held = new ArrayList<>();

  private long size;
  private String model = "";
  private String finishReason = "";
  private boolean refused;
  private boolean substance;
  private Optional<Usage> usage = Optional.empty();
  private Optional<Attempt> verdict = Optional.empty();

  /** The reply to {@code request}. */
  StreamedReply(LlmRequest request) {
    this.request = request;
  }

  @Override
  public List<Delta> read(ByteBuffer bytes) {
    var pieces = new ArrayList<Delta>();
    size += bytes.remaining();
    if (size > LlmLimits.MAX_STREAM_BYTES) {
      verdict = Optional.of(new Attempt.TooLarge());
    }
    try {
      for (String data : events.read(bytes)) {
        if (verdict.isEmpty()) {
          event(data, pieces);
        }
      }
    } catch (CharacterCodingException e) {
      cut("the stream is not valid UTF-8");
    } catch (EventStream.TooLargeException e) {
      verdict = Optional.of(new Attempt.TooLarge());
    }
    return pieces;
  }

  private void event(String data, List<Delta> pieces) {
    if (data.strip().equals("[DONE]")) {
      verdict = Optional.of(worth(finishReason.isEmpty() ? "unknown" : finishReason));
      return;
    }
    try {
      chunk(Json.STRICT.parse(data), data, pieces);
    } catch (MalformedJsonException e) {
      cut("an event of the stream " + e.getMessage());
    }
  }

  private void chunk(JsonNode chunk, String data, List<Delta> pieces) {
    if (chunk.hasNonNull("error")) {
      cut("the provider ended the stream with an error" + OpenAiReply.codeInWords(chunk));
      return;
    }
    JsonNode choice = chunk.path("choices").path(0);
    JsonNode delta = choice.path("delta");
    String piece = delta.path("content").asText("");
    if (text.length() + piece.length() > LlmLimits.MAX_REPLY_BYTES) {
      verdict = Optional.of(new Attempt.TooLarge());
      return;
    }
    text.append(piece);
    refused |= delta.hasNonNull("refusal");
    finishReason = choice.path("finish_reason").asText(finishReason);
    model = model.isEmpty() ? chunk.path("model").asText("") : model;
    usage = OpenAiReply.usage(chunk.path("usage")).or(() -> usage);
    substance |= saysSomething(delta) || !finishReason.isEmpty();
    if (isWanted(choice, piece)) {
      passOn(new Delta(piece, data), pieces);
    }
  }

  /** The role comes first, and alone; a stream that has said no more can still fail over. */
  private static boolean saysSomething(JsonNode delta) {
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

  private boolean isWanted(JsonNode choice, String piece) {
    return switch (request.answer()) {
      case TEXT -> !piece.isEmpty();
      // The last chunk tells the usage alone, because we asked for it.
      case ANY -> choice.isObject() || request.asksForUsage();
    };
  }

  private void passOn(Delta delta, List<Delta> pieces) {
    if (!substance && held.size() < MOST_HELD) {
      held.add(delta);
      return;
    }
    pieces.addAll(held);
    held.clear();
    pieces.add(delta);
  }

  private void cut(String what) {
    verdict = Optional.of(new Attempt.Streamed(new LlmOutcome.Cut(what)));
  }

  private Attempt worth(String reason) {
    var said = new OpenAiReply.Said(text.toString(), reason, refused, model, usage);
    boolean empty = request.answer() == Answer.ANY && !substance;
    return new Attempt.Streamed(
        empty ? OpenAiReply.NOTHING : OpenAiReply.meaning(said, request.answer()));
  }

  @Override
  public Optional<Attempt> verdict() {
    return verdict;
  }

  @Override
  public boolean finishing() {
    return !finishReason.isEmpty();
  }

  @Override
  public Attempt ended() {
    return brokenOff("the stream ended without a sign of its completion");
  }

  @Override
  public Attempt brokenOff(String what) {
    return finishing() ? worth(finishReason) : new Attempt.Streamed(new LlmOutcome.Cut(what));
  }
}
