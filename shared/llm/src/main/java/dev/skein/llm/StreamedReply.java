package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
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
  private final EventStream events = new EventStream();
  private final StringBuilder text = new StringBuilder();
  private String model = "";
  private String finishReason = "";
  private boolean refused;
  private Optional<Usage> usage = Optional.empty();
  private Optional<Attempt> verdict = Optional.empty();

  @Override
  public List<String> read(ByteBuffer bytes) {
    var pieces = new ArrayList<String>();
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

  private void event(String data, List<String> pieces) {
    if (data.strip().equals("[DONE]")) {
      verdict = Optional.of(worth(finishReason.isEmpty() ? "unknown" : finishReason));
      return;
    }
    try {
      chunk(Json.STRICT.parse(data), pieces);
    } catch (MalformedJsonException e) {
      cut("an event of the stream " + e.getMessage());
    }
  }

  private void chunk(JsonNode chunk, List<String> pieces) {
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
    if (!piece.isEmpty()) {
      text.append(piece);
      pieces.add(piece);
    }
    refused |= delta.hasNonNull("refusal");
    finishReason = choice.path("finish_reason").asText(finishReason);
    model = model.isEmpty() ? chunk.path("model").asText("") : model;
    usage = OpenAiReply.usage(chunk.path("usage")).or(() -> usage);
  }

  private void cut(String what) {
    verdict = Optional.of(new Attempt.Streamed(new LlmOutcome.Cut(what)));
  }

  private Attempt worth(String reason) {
    return new Attempt.Streamed(
        OpenAiReply.meaning(text.toString(), reason, refused, model, usage));
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
