package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Collects the {@link ReplyDetails} of one attempt while its reply is read. Not thread-safe. */
final class DetailsCollector {
  /** More calls than this in one reply are not listed. */
  static final int MAX_TOOL_CALLS = 32;

  static final int MAX_CHARACTERS = 64;

  /**
   * Where providers put the ID that their support asks for, the best one first: OpenAI and most
   * others, Anthropic, Azure (whose logs have this one), Bedrock, and whatever Cloudflare serves.
   */
  private static final List<String> REQUEST_IDS =
      List.of("x-request-id", "request-id", "apim-request-id", "x-amzn-requestid", "cf-ray");

  private final List<String> toolCalls = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private Optional<String> requestId = Optional.empty();
  private String finishReason = "";
  private String model = "";
  private Optional<Usage> usage = Optional.empty();
  private Optional<String> serviceTier = Optional.empty();

  /** The most tokens of the cache that a usage had. */
  private long cached;

  private long cacheWrite;

  /** Whether no part of the answer has followed the usage. */
  private boolean isLast;

  private boolean hasEnded;

  /** Reads the headers of the reply. */
  void head(HttpHeaders headers) {
    for (String name : REQUEST_IDS) {
      String id = headers.firstValue(name).orElse("").strip();
      if (!id.isEmpty()) {
        requestId = Optional.of(bounded(id));
        return;
      }
    }
  }

  /**
   * Reads which model answered, and what it used: of a stream, each count so far replaces the one
   * before.
   *
   * @param reply the whole reply, or a chunk
   * @param part whether it is a part of the answer, and others follow
   * @param ended whether nothing of the answer follows
   */
  void report(JsonNode reply, boolean part, boolean ended) {
    model = model.isEmpty() ? OpenAiReply.model(reply) : model;
    serviceTier = UsageReader.serviceTier(reply).or(() -> serviceTier);
    var reported = UsageReader.tokens(reply).map(this::unlessItForgets);
    isLast = !part && (reported.isPresent() || isLast);
    hasEnded = ended;
    usage = reported.or(() -> usage);
  }

  /** A later count without details does not say that there were no tokens of the cache. */
  private Usage unlessItForgets(Usage later) {
    long laterCached = later.cachedTokens().orElse(0);
    long laterCacheWrite = later.cacheWriteTokens().orElse(0);
    boolean forgets = laterCached < cached || laterCacheWrite < cacheWrite;
    cached = Math.max(cached, laterCached);
    cacheWrite = Math.max(cacheWrite, laterCacheWrite);
    return forgets ? later.unclear() : later;
  }

  /** Notes that the whole answer has come. */
  void end() {
    hasEnded = true;
  }

  /** The model that answered; empty if the reply has not said so. */
  String model() {
    return model;
  }

  /** What was reported so far. */
  Optional<Usage> usage() {
    return usage.map(it -> it.withServiceTier(serviceTier));
  }

  /** Whether there is a usage, and no part of the answer has followed it. */
  boolean hasLastUsage() {
    return isLast;
  }

  /** Whether the usage is that of the whole answer. */
  boolean hasCompleteUsage() {
    return isLast && hasEnded;
  }

  /**
   * Reads the reply's choice, or what a chunk adds to it.
   *
   * @param reason the last word that counts; empty if there is none yet
   */
  void choice(String reason, JsonNode message) {
    finishReason = reason;
    int position = 0;
    for (JsonNode call : message.path("tool_calls")) {
      toolCall(call, position++);
    }
    toolCall(message.path("function_call").path("name").asText(""), "", "function_call");
  }

  private void toolCall(JsonNode call, int position) {
    JsonNode function = call.path(call.has("custom") ? "custom" : "function");
    String index = call.path("index").asText(Integer.toString(position));
    toolCall(function.path("name").asText(""), call.path("id").asText(""), index);
  }

  /**
   * A stream names a call once, or with each part of its arguments. Some servers give each call the
   * index 0, and only its ID tells it from the one before.
   */
  private void toolCall(String name, String id, String index) {
    if (name.isEmpty()) {
      return;
    }
    boolean isNewIndex = seen.add("index " + index);
    boolean isNew = id.isEmpty() ? isNewIndex : seen.add("id " + id);
    if (isNew && toolCalls.size() < MAX_TOOL_CALLS) {
      toolCalls.add(bounded(name));
    }
  }

  ReplyDetails details() {
    String reason = finishReason.strip();
    return new ReplyDetails(
        requestId, Optional.of(bounded(reason)).filter(it -> !it.isEmpty()), toolCalls);
  }

  /** It goes into records and log lines, whatever the provider sends. */
  static String bounded(String text) {
    var bounded = new StringBuilder(Math.min(text.length(), MAX_CHARACTERS));
    for (int i = 0; i < text.length() && i < MAX_CHARACTERS; i++) {
      char c = text.charAt(i);
      bounded.append(c > ' ' && c < 127 ? c : '_');
    }
    return bounded.toString();
  }
}
