package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The request that a message of the queue is the record of. */
final class RecordOrigin {
  /** A message may contain anything, and its text must not be logged. */
  private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9=_-]{1,64}");

  private static final Pattern TRACE_ID =
      Pattern.compile("[0-9a-f]{32}|1-[0-9a-f]{8}-[0-9a-f]{24}");

  private RecordOrigin() {}

  /**
   * The log of that request; the log itself if the message does not say which request it is.
   *
   * @param body null if the message has none
   */
  static Log log(@Nullable String body, Log log) {
    try {
      JsonNode record = Json.PASSED.parse(body == null ? "" : body);
      return text(record.path("request_id"), REQUEST_ID)
          .map(id -> log.ofRequest(id, text(record.path("trace_id"), TRACE_ID)))
          .orElse(log);
    } catch (MalformedJsonException e) {
      return log; // the result says so
    }
  }

  private static Optional<String> text(JsonNode value, Pattern form) {
    return Optional.ofNullable(value.textValue()).filter(text -> form.matcher(text).matches());
  }
}
