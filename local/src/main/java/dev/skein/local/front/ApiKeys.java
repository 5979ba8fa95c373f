package dev.skein.local.front;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The keys of callers. Only their hashes are kept, and all of them are compared in constant time.
 * Immutable.
 */
public record ApiKeys(List<Entry> entries) {

  /** No key is asked for. */
  public static final ApiKeys NONE = new ApiKeys(List.of());

  static final String VARIABLE = "API_KEYS";

  /** As the authorizer accepts one; API Gateway has none that is shorter. */
  private static final Pattern FORM = Pattern.compile("[!-~]{20,128}");

  /**
   * One key.
   *
   * @param name the key's ID in events and in the audit trail
   * @param sha256 its hash in hexadecimal digits
   */
  public record Entry(String name, String sha256) {}

  public ApiKeys {
    entries = List.copyOf(entries);
  }

  /**
   * Reads {@code NAME:KEY,…}.
   *
   * @throws dev.skein.local.console.StartupException if an entry is invalid; the message names its
   *     position and does not repeat it
   */
  public static ApiKeys parse(String text) {
    Set<String> hashes = new HashSet<>();
    return new ApiKeys(
        KeyList.parse(VARIABLE, "NAME:KEY", text).stream()
            .map(entry -> entry(entry, hashes))
            .toList());
  }

  private static Entry entry(KeyList.Entry entry, Set<String> hashes) {
    if (!FORM.matcher(entry.secret()).matches()) {
      throw KeyList.error(
          VARIABLE, entry.position(), "has a key that is not 20 to 128 visible ASCII characters");
    }
    String hash = sha256(entry.secret());
    if (!hashes.add(hash)) {
      throw KeyList.error(VARIABLE, entry.position(), "has a key that an earlier entry has");
    }
    return new Entry(entry.name(), hash);
  }

  /** Whether a key is asked for. */
  boolean isRequired() {
    return !entries.isEmpty();
  }

  /** The key in {@code Bearer KEY}; empty if the header has no key of the right form. */
  static Optional<String> bearer(String authorization) {
    String[] parts = authorization.strip().split(" +", -1);
    boolean valid =
        parts.length == 2
            && parts[0].equalsIgnoreCase("Bearer")
            && FORM.matcher(parts[1]).matches();
    return valid ? Optional.of(parts[1]) : Optional.empty();
  }

  /** The name of this key; empty if there is no such key. */
  Optional<String> nameOf(String key) {
    byte[] hash = sha256(key).getBytes(UTF_8);
    Optional<String> name = Optional.empty();
    for (Entry entry : entries) {
      // Without an early end, so that the time does not depend on the key.
      boolean equal = MessageDigest.isEqual(hash, entry.sha256().getBytes(UTF_8));
      name = equal ? Optional.of(entry.name()) : name;
    }
    return name;
  }

  private static String sha256(String key) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The names, separated by commas. */
  @Override
  public String toString() {
    return entries.stream().map(Entry::name).collect(Collectors.joining(", "));
  }
}
