package dev.skein.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One link of a hash chain over the records of the audit trail. Each link contains the hash of the
 * link before it, so that no link can be changed, removed or inserted without changing the hashes
 * of all later ones. Immutable. A link that was read may have been tampered with: see {@link
 * #isIntact}.
 *
 * @param chain the chain's number, from 0
 * @param link the link's number in its chain, from 1
 * @param previous the {@code sha256} of the link before, or {@link #NO_PREVIOUS}
 * @param entries the records of one batch, each as {@link Entry#toText} writes it
 * @param writtenAt the time as {@link Log#timestamp} writes it
 * @param sha256 the hash of the other components, or what a tampered link has in its place
 */
public record ChainLink(
    int chain, long link, String previous, List<String> entries, String writtenAt, String sha256) {

  /** The {@code previous} of the first link: 64 zeros. */
  public static final String NO_PREVIOUS = "0".repeat(64);

  private static final int HASH_LENGTH = 64;

  public ChainLink {
    entries = List.copyOf(entries);
  }

  /**
   * One record in a link.
   *
   * @param sha256 the record's {@link RecordDigest}
   * @param phase {@code intent} or {@code completed}
   * @param auditId may contain spaces
   */
  public record Entry(String sha256, String phase, String auditId) {

    /**
     * The entry of a record.
     *
     * @param record a stored record without the attributes that the table derives
     */
    public static Entry of(ObjectNode record) {
      return new Entry(
          RecordDigest.of(record), record.path("phase").asText(), record.path("audit_id").asText());
    }

    /** Reads what {@link #toText} wrote; empty if it is something else. */
    public static Optional<Entry> parse(String text) {
      String[] parts = text.split(" ", 3);
      return parts.length == 3 && parts[0].length() == HASH_LENGTH
          ? Optional.of(new Entry(parts[0], parts[1], parts[2]))
          : Optional.empty();
    }

    /** The three components, separated by one space each. */
    public String toText() {
      return sha256 + " " + phase + " " + auditId;
    }
  }

  /** The first link of a chain. */
  public static ChainLink first(int chain, List<Entry> entries, Instant writtenAt) {
    return hashed(chain, 1, NO_PREVIOUS, entries, writtenAt);
  }

  /** The link after this one. */
  public ChainLink next(List<Entry> nextEntries, Instant at) {
    return hashed(chain, link + 1, sha256, nextEntries, at);
  }

  private static ChainLink hashed(
      int chain, long link, String previous, List<Entry> entries, Instant writtenAt) {
    var texts = entries.stream().map(Entry::toText).toList();
    String time = Log.timestamp(writtenAt);
    String sha256 = sha256(chain, link, previous, texts, time);
    return new ChainLink(chain, link, previous, texts, time, sha256);
  }

  /**
   * Reads the JSON form and ignores members that it does not know; empty if a member is missing or
   * has another type.
   */
  public static Optional<ChainLink> fromJson(JsonNode json) {
    JsonNode chain = json.path("chain");
    JsonNode link = json.path("link");
    JsonNode entries = json.path("entries");
    boolean isLink =
        isInteger(chain)
            && chain.canConvertToInt()
            && isInteger(link)
            && entries.isArray()
            && entries.valueStream().allMatch(JsonNode::isTextual)
            && json.path("previous").isTextual()
            && json.path("written_at").isTextual()
            && json.path("sha256").isTextual();
    return isLink
        ? Optional.of(
            new ChainLink(
                chain.intValue(),
                link.longValue(),
                json.path("previous").textValue(),
                entries.valueStream().map(JsonNode::textValue).toList(),
                json.path("written_at").textValue(),
                json.path("sha256").textValue()))
        : Optional.empty();
  }

  private static boolean isInteger(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong();
  }

  /** The JSON form. */
  public ObjectNode toJson() {
    return hashedMembers(chain, link, previous, entries, writtenAt).put("sha256", sha256);
  }

  /** Whether {@code sha256} is the hash of the other components. */
  public boolean isIntact() {
    return sha256(chain, link, previous, entries, writtenAt).equals(sha256);
  }

  private static String sha256(
      int chain, long link, String previous, List<String> entries, String writtenAt) {
    return CanonicalJson.sha256(
        CanonicalJson.write(hashedMembers(chain, link, previous, entries, writtenAt)));
  }

  private static ObjectNode hashedMembers(
      int chain, long link, String previous, List<String> entries, String writtenAt) {
    var json = Json.object();
    json.put("chain", chain).put("link", link).put("previous", previous);
    var array = json.putArray("entries");
    entries.forEach(array::add);
    return json.put("written_at", writtenAt);
  }
}
