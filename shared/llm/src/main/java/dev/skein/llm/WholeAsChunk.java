package dev.skein.llm;

import com.fasterxml.jackson.core.JsonParser;
import dev.skein.base.Json;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/**
 * Rewrites a whole reply as the one chunk of a stream. Only what differs is changed in its text:
 * numbers, escapes and unknown members stay as the provider wrote them.
 */
final class WholeAsChunk {
  private static final Pattern MESSAGE = Pattern.compile("/choices/\\d+/message");
  private static final Pattern TOOL_CALL = Pattern.compile(MESSAGE + "/tool_calls/(\\d+)");
  private static final String OBJECT = "\"chat.completion.chunk\"";

  private final String reply;
  private final StringBuilder chunk = new StringBuilder();

  /** Up to where the reply was copied. */
  private int copied;

  private boolean hasObject;

  /** Of each object that is open, whether it has the member {@code index}. */
  private final Deque<Boolean> hasIndex = new ArrayDeque<>();

  private WholeAsChunk(String reply) {
    this.reply = reply;
  }

  /**
   * The chunk, in one line.
   *
   * @param api not embeddings, which are never streamed
   * @param reply an object that was parsed before
   */
  static String of(LlmApi api, String reply) {
    // A legacy completion has the same form in a stream.
    return api == LlmApi.COMPLETIONS ? inOneLine(reply) : rewritten(reply);
  }

  private static String rewritten(String reply) {
    var rewriting = new WholeAsChunk(reply);
    try (JsonParser tokens = Json.PROVIDER.tokens(reply)) {
      while (tokens.nextToken() != null) {
        rewriting.read(tokens);
      }
    } catch (IOException e) {
      throw new IllegalStateException("a reply that was parsed before", e);
    }
    return rewriting.end();
  }

  private void read(JsonParser tokens) throws IOException {
    String at = tokens.getParsingContext().pathAsPointer().toString();
    switch (tokens.currentToken()) {
      case START_OBJECT -> hasIndex.push(false);
      case END_OBJECT -> {
        if (!hasIndex.pop()) {
          addIndex(at, start(tokens));
        }
      }
      case FIELD_NAME -> {
        String name = tokens.currentName();
        if (name.equals("index")) {
          hasIndex.pop();
          hasIndex.push(true);
        } else if (MESSAGE.matcher(at).matches()) {
          int start = start(tokens);
          replace(start, reply.indexOf('"', start + 1) + 1, "\"delta\"");
        } else if (at.equals("/object")) {
          replaceObject(tokens);
        }
      }
      default -> {
        // A value, which stays.
      }
    }
  }

  private void replaceObject(JsonParser tokens) throws IOException {
    tokens.nextToken();
    int start = start(tokens);
    tokens.skipChildren();
    tokens.finishToken();
    replace(start, end(tokens), OBJECT);
    hasObject = true;
  }

  /** In a stream, tool calls have a position. */
  private void addIndex(String at, int end) {
    var toolCall = TOOL_CALL.matcher(at);
    if (toolCall.matches()) {
      boolean isEmpty = charBefore(end) == '{';
      replace(end, end, (isEmpty ? "" : ",") + "\"index\":" + toolCall.group(1));
    }
  }

  /** The last character before a position that is no blank. */
  private char charBefore(int end) {
    int at = end - 1;
    while (Character.isWhitespace(reply.charAt(at))) {
      at--;
    }
    return reply.charAt(at);
  }

  private void replace(int start, int end, String by) {
    chunk.append(reply, copied, start).append(by);
    copied = end;
  }

  private String end() {
    String text = chunk.append(reply, copied, reply.length()).toString();
    if (!hasObject) {
      int inside = text.indexOf('{') + 1;
      text = "{\"object\":" + OBJECT + "," + text.substring(inside);
    }
    return inOneLine(text);
  }

  /** Line breaks are between tokens only: within a string they are escaped. */
  private static String inOneLine(String json) {
    return json.replace('\r', ' ').replace('\n', ' ').strip();
  }

  private static int start(JsonParser tokens) {
    return (int) tokens.currentTokenLocation().getCharOffset();
  }

  private static int end(JsonParser tokens) {
    return (int) tokens.currentLocation().getCharOffset();
  }
}
