package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;

/**
 * The segment document of one request to a provider: a subsegment of the function's own segment. No
 * text of a prompt or a reply, and no key, is in it.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html">X-Ray
 *     segment documents</a>
 */
final class XRaySubsegment {
  private XRaySubsegment() {}

  /**
   * The document.
   *
   * @param id 16 hexadecimal digits
   */
  static ObjectNode of(
      GenAiCall call, TracingHeader trace, String id, SemanticConventions conventions) {
    var operation = call.operation();
    URI url = operation.baseUrl();
    var document = Json.object();
    document.put("type", "subsegment");
    document.put("id", id);
    document.put("trace_id", trace.traceId());
    document.put("parent_id", trace.parentId());
    // X-Ray shows a remote call as a node of the trace map, by this name.
    document.put("name", String.valueOf(url.getHost()));
    document.put("namespace", "remote");
    document.put("start_time", seconds(operation.start()));
    document.put("end_time", seconds(operation.start().plus(operation.duration())));
    document
        .putObject("http")
        .putObject("request")
        .put("method", "POST")
        .put("url", url + operation.api().path());
    putFault(call.outcome(), document);
    putAnnotations(call, conventions, document.putObject("annotations"));
    putMetadata(call, conventions, document.putObject("metadata").putObject("gen_ai"));
    return document;
  }

  /** As X-Ray counts them: an error is the request's, and a fault is the provider's. */
  private static void putFault(LlmOutcome outcome, ObjectNode document) {
    switch (outcome) {
      case Completed _, LlmOutcome.Abandoned _ -> {
        // Neither.
      }
      case LlmOutcome.RateLimited _ -> document.put("error", true).put("throttle", true);
      case LlmOutcome.Refused _, LlmOutcome.OutOfTokens _, LlmOutcome.Rejected _ ->
          document.put("error", true);
      case LlmOutcome.Cut _,
          LlmOutcome.TimedOut _,
          LlmOutcome.Unavailable _,
          LlmOutcome.Malformed _ ->
          document.put("fault", true);
    }
  }

  /** What filter expressions can find; their names cannot have dots. */
  private static void putAnnotations(
      GenAiCall call, SemanticConventions conventions, ObjectNode annotations) {
    annotations.put("gen_ai_operation_name", call.series().operation());
    annotations.put(conventions.provider().replace('.', '_'), call.series().provider());
    annotations.put("gen_ai_request_model", call.series().model());
    call.error().ifPresent(error -> annotations.put("error_type", error));
  }

  private static void putMetadata(
      GenAiCall call, SemanticConventions conventions, ObjectNode metadata) {
    var operation = call.operation();
    metadata.put("gen_ai.operation.name", call.series().operation());
    metadata.put(conventions.provider(), call.series().provider());
    metadata.put("gen_ai.request.model", call.series().model());
    metadata.put("gen_ai.request.stream", operation.streaming());
    if (call.outcome() instanceof Completed answer && ReportedModel.isName(answer.model())) {
      metadata.put("gen_ai.response.model", answer.model());
    }
    call.usage()
        .ifPresent(
            usage -> {
              metadata.put("gen_ai.usage.input_tokens", usage.promptTokens());
              if (call.hasOutput()) {
                metadata.put("gen_ai.usage.output_tokens", usage.completionTokens());
              }
            });
    operation
        .timeToFirstToken()
        .ifPresent(time -> metadata.put(conventions.firstToken(), seconds(time)));
    call.error().ifPresent(error -> metadata.put("error.type", error));
  }

  private static double seconds(Instant instant) {
    return instant.toEpochMilli() / 1e3;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
