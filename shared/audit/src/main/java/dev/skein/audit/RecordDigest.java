package dev.skein.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.List;

/**
 * The digest of a record's JSON form, which the hash chain keeps. It covers every member, also
 * those that this version does not know, and it is the same before and after the record's texts
 * were erased: they enter it through a commitment, a salted hash that an erased record keeps in
 * {@link #CONTENT_SHA256}.
 */
public final class RecordDigest {
  /** The member of an erased record with the time of its erasure. */
  public static final String ERASED_AT = "erased_at";

  /** The member of an erased record with the commitment to the texts that it had. */
  public static final String CONTENT_SHA256 = "content_sha256";

  /** The member with 32 random hex digits, without which the commitment reveals nothing. */
  public static final String CONTENT_SALT = "content_salt";

  /** The members that an erasure removes besides the salt. */
  public static final List<String> CONTENT =
      List.of(
          "message_preview",
          "response_preview",
          "message_sha256",
          "prompt_sha256",
          "response_sha256");

  private RecordDigest() {}

  /**
   * The digest of a record: 64 lower-case hex digits.
   *
   * @param record a stored record without the attributes that the table derives; not modified
   */
  public static String of(ObjectNode record) {
    var hashed = Json.object();
    hashed.setAll(record);
    hashed.remove(CONTENT);
    hashed.remove(List.of(CONTENT_SALT, ERASED_AT));
    hashed.put(CONTENT_SHA256, contentSha256(record));
    return CanonicalJson.sha256(CanonicalJson.write(hashed));
  }

  /**
   * The commitment to a record's texts: 64 lower-case hex digits. It is the one that the record
   * keeps if the record was erased, and is otherwise computed from its texts, so that a record
   * cannot keep a commitment beside other texts.
   *
   * @param record not modified
   */
  public static String contentSha256(ObjectNode record) {
    var content = Json.object();
    for (String name : CONTENT) {
      if (record.has(name)) {
        content.set(name, record.get(name));
      }
    }
    boolean isErased =
        content.isEmpty() && !record.has(CONTENT_SALT) && record.path(CONTENT_SHA256).isTextual();
    return isErased
        ? record.path(CONTENT_SHA256).textValue()
        : CanonicalJson.sha256(record.path(CONTENT_SALT).asText("") + CanonicalJson.write(content));
  }

  /**
   * A copy of a record without its texts and its salt, whose digest is the same.
   *
   * @param erasedAt the time as {@link dev.skein.base.Log#timestamp} writes it
   */
  public static ObjectNode erased(ObjectNode record, String erasedAt) {
    var erased = Json.object();
    erased.setAll(record);
    erased.put(CONTENT_SHA256, contentSha256(record));
    erased.put(ERASED_AT, erasedAt);
    erased.remove(CONTENT);
    erased.remove(CONTENT_SALT);
    return erased;
  }
}
