package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditField;
import dev.skein.audit.AuditRecord;
import java.util.Map;

/**
 * A query parameter that selects records by the value of one field. Each has an index, whose
 * partition key is {@code attribute}.
 */
enum AuditFilter {
  USER_ID("by_user", AuditItem.USER_SHARD, AuditField.USER_ID, 128),
  IDENTITY("by_identity", AuditItem.IDENTITY_SHARD, AuditField.IDENTITY, 2048),
  MODEL("by_model", AuditItem.MODEL_SHARD, AuditField.MODEL, 2048),
  STATUS("by_status", AuditItem.STATUS_SHARD, AuditField.STATUS, 3),
  ERROR("by_error", AuditItem.ERROR_SHARD, AuditField.ERROR, 128),
  REQUEST_ID("by_request", AuditItem.REQUEST_KEY, AuditField.REQUEST_ID, 2048),

  /** Its only value is {@link #INCOMPLETE}: a record that is still an intent. */
  PHASE("by_intent", AuditItem.INTENT_SHARD, AuditField.PHASE, 10);

  static final String INCOMPLETE = "incomplete";

  final String index;
  final String attribute;
  final AuditField field;

  /** The longest value, in characters. */
  final int maxLength;

  AuditFilter(String index, String attribute, AuditField field, int maxLength) {
    this.index = index;
    this.attribute = attribute;
    this.field = field;
    this.maxLength = maxLength;
  }

  /** The name of the parameter, which is that of the field. */
  String parameter() {
    return field.json();
  }

  /** The partition of the index that has the records of a shard with this value. */
  String partition(String value, int shard) {
    return switch (this) {
      case REQUEST_ID -> AuditItem.bounded(value);
      case PHASE -> Integer.toString(shard);
      case USER_ID, IDENTITY, MODEL, STATUS, ERROR ->
          AuditItem.indexKey(value, Integer.toString(shard));
    };
  }

  /** Whether a record has the value of each filter. */
  static boolean accept(Map<AuditFilter, String> filters, ObjectNode record) {
    for (var filter : filters.entrySet()) {
      if (!filter.getKey().accepts(record, filter.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** Whether a record has this value: it may have changed since it was put into the index. */
  boolean accepts(ObjectNode record, String value) {
    boolean completed = AuditRecord.isCompleted(record);
    return switch (this) {
      case PHASE -> !completed;
      case MODEL, STATUS, ERROR -> completed && has(record, value);
      case USER_ID, IDENTITY, REQUEST_ID -> has(record, value);
    };
  }

  private boolean has(ObjectNode record, String value) {
    var found = record.path(field.json());
    return found.isValueNode() && !found.isNull() && found.asText().equals(value);
  }
}
