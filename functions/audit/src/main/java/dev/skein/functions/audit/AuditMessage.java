package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditField;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A checked message of the audit queue.
 *
 * @param record the JSON form of an {@link AuditRecord}, with the fields that this version does not
 *     know; not to be modified
 * @param timestamp the record's
 */
record AuditMessage(ObjectNode record, Instant timestamp) {

  /**
   * Reads the body of a message.
   *
   * @param body null if the message has none
   * @throws PoisonException if it is not the JSON form of a record
   */
  static AuditMessage read(@Nullable String body) throws PoisonException {
    ObjectNode record = object(body);
    var problem = AuditField.problem(record);
    if (problem.isPresent()) {
      throw new PoisonException(problem.get());
    }
    if (record.path("audit_id").textValue().startsWith("#")) {
      throw new PoisonException("an audit_id that begins with # is reserved");
    }
    for (String derived : AuditItem.DERIVED) {
      if (record.has(derived)) {
        // The table's own attribute of this name would replace it.
        throw new PoisonException(derived + " is a reserved name");
      }
    }
    String timestamp = record.path("timestamp").textValue();
    return new AuditMessage(record, AuditRecord.parseTimestamp(timestamp).orElseThrow());
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
