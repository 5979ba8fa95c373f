package dev.skein.local.poller;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.skein.local.functions.InvocationResult;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Which messages of a batch an event source mapping deletes.
 *
 * @param failed the IDs of the messages that stay in the queue; the others are deleted
 * @param why the reason why the whole batch failed; empty if it did not
 */
record BatchResult(Set<String> failed, String why) {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  BatchResult {
    failed = Set.copyOf(failed);
  }

  /**
   * @param batch the IDs of all its messages
   * @param reportsFailures whether the mapping declares ReportBatchItemFailures
   */
  static BatchResult of(InvocationResult result, Set<String> batch, boolean reportsFailures) {
    return switch (result) {
      case InvocationResult.Returned(byte[] payload) ->
          reportsFailures ? ofResponse(payload, batch) : new BatchResult(Set.of(), "");
      case InvocationResult.Streamed _ -> all(batch, "the function streamed its response");
      default -> all(batch, result.reason());
    };
  }

  private static BatchResult ofResponse(byte[] payload, Set<String> batch) {
    JsonNode response;
    try {
      response = JSON.readTree(payload);
    } catch (IOException e) {
      return all(batch, "the response is not JSON");
    }
    if (response.isMissingNode() || response.isNull()) {
      return new BatchResult(Set.of(), "");
    }
    JsonNode failures = response.path("batchItemFailures");
    if (response.isObject() && (failures.isMissingNode() || failures.isNull())) {
      return new BatchResult(Set.of(), "");
    }
    if (!failures.isArray()) {
      return all(batch, "the response has no list batchItemFailures");
    }
    Set<String> failed = new HashSet<>();
    for (JsonNode failure : failures) {
      String id = failure.path("itemIdentifier").textValue();
      if (id == null || !batch.contains(id)) {
        return all(batch, "an itemIdentifier is not in the batch: " + failure);
      }
      failed.add(id);
    }
    return new BatchResult(failed, "");
  }

  private static BatchResult all(Set<String> batch, String why) {
    return new BatchResult(batch, why);
  }
}
