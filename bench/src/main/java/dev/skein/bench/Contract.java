package dev.skein.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Collections;
import java.util.function.Predicate;

/**
 * What a subject has to do for one event, so that its time can be compared: a right reply, and its
 * traces at the stubs. Everything that is timed is also held to it.
 *
 * @param reply what is said of a right reply
 * @param right whether a reply, without the envelope of API Gateway, is right
 * @param endpoint what each audit message names as its endpoint
 * @param messages audit messages for each event
 * @param items items stored for each event
 */
record Contract(String reply, Predicate<String> right, String endpoint, int messages, int items) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Between the prelude and the body of a streamed response. */
  private static final String SEPARATOR = "\0".repeat(8);

  /** The reply of events/chat.json. */
  static Contract chat(int messages) {
    return new Contract(
        "the text of the model as `response`",
        json(body -> body.path("response").asText().equals(Upstream.TEXT)),
        "/chat",
        messages,
        0);
  }

  /** The reply of the OpenAI format, without an audit trail. */
  static Contract completion() {
    return new Contract(
        "the text of the model in the first choice",
        json(body -> body.at("/choices/0/message/content").asText().equals(Upstream.TEXT)),
        "",
        0,
        0);
  }

  /** The reply of events/analyze.json. */
  static Contract analyze() {
    return new Contract(
        "three parts and no error",
        json(
            body ->
                body.path("summary").asText().equals(Upstream.TEXT)
                    && body.path("errors").isEmpty()),
        "/analyze",
        2,
        0);
  }

  /** The reply of /summaries. */
  static Contract summaries(int texts) {
    return new Contract(
        texts + " summaries",
        json(
            body ->
                Collections.frequency(body.findValuesAsText("summary"), Upstream.TEXT) == texts),
        "/summaries",
        2,
        0);
  }

  /** The answer to a batch of {@code records} that are all stored. */
  static Contract consumer(int records) {
    return new Contract(
        "no failed message",
        json(
            body ->
                body.path("batchItemFailures").isArray()
                    && body.path("batchItemFailures").isEmpty()),
        "",
        0,
        records);
  }

  /** One page of the audit trail. */
  static Contract reader() {
    return new Contract("one record", json(body -> body.path("records").size() == 1), "", 0, 0);
  }

  /** A policy with the caller's key. */
  static Contract authorizer() {
    return new Contract(
        "the caller's key",
        json(body -> body.path("usageIdentifierKey").asText().startsWith("sk-skein-")),
        "",
        0,
        0);
  }

  /** The event itself. */
  static Contract echo() {
    return new Contract("the event", json(body -> body.has("httpMethod")), "", 0, 0);
  }

  /** A complete stream, in either format. */
  static Contract stream() {
    return new Contract(
        "a complete stream",
        body -> body.contains("event: done") || body.contains("data: [DONE]"),
        "",
        0,
        0);
  }

  private static Predicate<String> json(Predicate<JsonNode> right) {
    return body -> right.test(parse(body));
  }

  /** Whether it makes the subject call the model. */
  boolean callsModel() {
    return !endpoint.isEmpty();
  }

  /**
   * Holds one response to it.
   *
   * @throws MeasurementException if it is wrong
   */
  void checkReply(String subject, String response) {
    if (!isRight(response)) {
      throw new MeasurementException(
          "%s did not reply with %s, so it is not measured: %s"
              .formatted(subject, reply, response));
    }
  }

  /**
   * Waits for the traces of {@code events} events, and checks them.
   *
   * @throws MeasurementException if one is missing or wrong, or if there are more
   */
  void checkTraces(String subject, Received received, int events) throws InterruptedException {
    boolean complete = received.await(events * messages, events * items, PATIENCE);
    var sent = received.messages();
    if (!complete || sent.size() > events * messages || received.items() > events * items) {
      throw new MeasurementException(
          "%s sent %d of %d audit messages and stored %d of %d items, so it is not measured"
              .formatted(
                  subject, sent.size(), events * messages, received.items(), events * items));
    }
    for (String message : sent) {
      JsonNode audit = parse(message);
      if (!audit.path("user_id").asText().equals("alice")
          || !audit.path("endpoint").asText().equals(endpoint)
          || !audit.hasNonNull("audit_id")
          || !audit.hasNonNull("message_preview")) {
        throw new MeasurementException(
            "%s sent a wrong audit message, so it is not measured: %s".formatted(subject, message));
      }
    }
  }

  private boolean isRight(String response) {
    int separator = response.indexOf(SEPARATOR);
    if (separator >= 0) {
      return parse(response.substring(0, separator)).path("statusCode").asInt() == 200
          && right.test(response.substring(separator + SEPARATOR.length()));
    }
    JsonNode envelope = parse(response);
    if (!envelope.has("statusCode")) {
      return right.test(response);
    }
    return envelope.path("statusCode").asInt() == 200 && right.test(envelope.path("body").asText());
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }
}
