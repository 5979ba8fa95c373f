package dev.skein.local.front;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The access keys whose signatures IAM routes accept. Immutable. */
public record IamAccessKeys(List<Entry> entries) {

  /** No signature is asked for. */
  public static final IamAccessKeys NONE = new IamAccessKeys(List.of());

  /**
   * One access key.
   *
   * @param id the access key ID
   * @param secret the secret access key
   */
  public record Entry(String id, String secret) {
    @Override
    public String toString() {
      return id;
    }
  }

  public IamAccessKeys {
    entries = List.copyOf(entries);
  }

  /**
   * Reads {@code ID:SECRET,…}.
   *
   * @throws dev.skein.local.console.StartupException if an entry is invalid; the message names its
   *     position and does not repeat it
   */
  public static IamAccessKeys parse(String text) {
    return new IamAccessKeys(
        KeyList.parse("IAM_ACCESS_KEYS", "ID:SECRET", text).stream()
            .map(entry -> new Entry(entry.name(), entry.secret()))
            .toList());
  }

  /** Whether a signature is asked for. */
  boolean isRequired() {
    return !entries.isEmpty();
  }

  /** The access key with this ID. */
  Optional<Entry> find(String id) {
    return entries.stream().filter(entry -> entry.id().equals(id)).findFirst();
  }

  /** The IDs, separated by commas. */
  @Override
  public String toString() {
    return entries.stream().map(Entry::id).collect(Collectors.joining(", "));
  }
}
