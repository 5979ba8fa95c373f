package dev.skein.tools;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditRecord.Calls;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Records and their log lines, as the functions write them. */
final class Samples {
  static final Instant TIME = Instant.parse("2026-11-28T10:00:00.123Z");

  private Samples() {}

  /** The ID of the record with this number. */
  static String id(int number) {
    return new UUID(0, number).toString();
  }

  /** An intent whose preview has every character that a tool could get wrong. */
  static ObjectNode intent(int number) {
    return record(number).toJson();
  }

  static ObjectNode completed(int number) {
    return record(number)
        .completed(
            new AuditRecord.Result(
                "gpt-6-luna",
                "a reply",
                Optional.empty(),
                new Calls(1, 1, 0),
                1,
                List.of(),
                Duration.ofMillis(40),
                200,
                Optional.empty(),
                false,
                Optional.empty()))
        .toJson();
  }

  private static AuditRecord record(int number) {
    return new AuditRecord(
        id(number),
        TIME.plusSeconds(number),
        "request-" + number,
        "/chat",
        "alice",
        "key",
        "gpt-6-luna",
        "a \"quote\", {braces} [brackets]\r\n\ttab \\ \u00fc \ud83d\ude00 audit_alternate record=",
        Optional.empty());
  }

  /** The line that a function writes when the queue does not accept the record. */
  static String alternateLine(ObjectNode record) {
    return line("audit_alternate", record);
  }

  /** The line of the mode {@code log}. */
  static String logModeLine(ObjectNode record) {
    return line("audit", record);
  }

  private static String line(String event, ObjectNode record) {
    var lines = new ArrayList<String>();
    var log = new Log(InstantSource.fixed(TIME), lines::add);
    if (event.equals("audit")) {
      log.info(event, fields -> fields.set("record", record));
    } else {
      log.alarm(
          event,
          "AuditAlternateSink",
          fields -> fields.put("cause", "TimeoutException").set("record", record));
    }
    return lines.getFirst();
  }

  /** As a record reads back from a message. */
  static String message(ObjectNode record) {
    return Json.STRICT.write(record);
  }
}
