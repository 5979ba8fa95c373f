package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditField;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.RecordDigest;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A checked message of the audit queue.
 *
 * @param record the JSON form of an {@link AuditRecord}, with the fields that this version does not
 *     know; not to be modified
 * @param timestamp the record's
 * @param contents the whole texts that the message carries beside the record
 */
record AuditMessage(ObjectNode record, Instant timestamp, List<AuditContent> contents) {
  /** The names of attributes that would be replaced, or believed, if a message could set them. */
  private static final List<String> RESERVED =
      Stream.concat(
              AuditItem.DERIVED.stream(),
              Stream.of(RecordDigest.ERASED_AT, RecordDigest.CONTENT_SHA256))
          .toList();

  AuditMessage {
    contents = List.copyOf(contents);
  }

  /** A record without content. */
  AuditMessage(ObjectNode record, Instant timestamp) {
    this(record, timestamp, List.of());
  }

  /** The record's id. */
  String auditId() {
    return record.path("audit_id").textValue();
  }

  /**
   * Reads the body of a message.
   *
   * @param body null if the message has none
   * @throws PoisonException if it is not the JSON form of a record
   */
  static AuditMessage read(@Nullable String body) throws PoisonException {
    ObjectNode record = object(body);
    checkVersion(record);
    var contents = AuditContent.removeFrom(record);
    var problem = AuditField.problem(record);
    if (problem.isPresent()) {
      throw new PoisonException(problem.get());
    }
    if (record.path("audit_id").textValue().startsWith("#")) {
      throw new PoisonException("an audit_id that begins with # is reserved");
    }
    for (String reserved : RESERVED) {
      if (record.has(reserved)) {
        throw new PoisonException(reserved + " is a reserved name");
      }
    }
    String timestamp = record.path("timestamp").textValue();
    return new AuditMessage(record, AuditRecord.parseTimestamp(timestamp).orElseThrow(), contents);
  }

  /** Says what to do about a message of a newer producer, which is not the message's fault. */
  private static void checkVersion(ObjectNode record) throws PoisonException {
    var version = record.path("schema_version");
    if (version.isInt() && version.intValue() > AuditRecord.SCHEMA_VERSION) {
      throw new PoisonException(
          "schema_version is %d, and this consumer reads %d: deploy the newer consumer, then redrive"
              .formatted(version.intValue(), AuditRecord.SCHEMA_VERSION));
    }
  }

  private static ObjectNode object(@Nullable String body) throws PoisonException {
    try {
      if (body != null && Json.PASSED.parse(body) instanceof ObjectNode object) {
        return object;
      }
    } catch (MalformedJsonException e) {
      throw new PoisonException("the body " + e.getMessage());
    }
    throw new PoisonException("the body is not a JSON object");
  }
}
