package dev.skein.local.front;

import dev.skein.local.console.StartupException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads a setting that lists names with a secret each; errors do not repeat it. */
final class KeyList {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,128}");

  /** One entry of the list. */
  record Entry(int position, String name, String secret) {}

  private KeyList() {}

  /**
   * Parses entries that are separated by commas.
   *
   * @param form of an entry, for the error
   * @throws StartupException if an entry has another form, or a name is there twice
   */
  static List<Entry> parse(String variable, String form, String text) {
    List<Entry> entries = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String entry = part.strip();
      if (!entry.isEmpty()) {
        entries.add(entry(variable, form, entry, entries));
      }
    }
    return entries;
  }

  private static Entry entry(String variable, String form, String text, List<Entry> before) {
    int position = before.size() + 1;
    int colon = text.indexOf(':');
    String name = text.substring(0, Math.max(colon, 0));
    String secret = text.substring(colon + 1);
    if (!NAME.matcher(name).matches() || secret.isEmpty()) {
      throw error(variable, position, "is not " + form);
    }
    if (before.stream().anyMatch(other -> other.name().equals(name))) {
      throw error(variable, position, "has a name that an earlier entry has");
    }
    return new Entry(position, name, secret);
  }

  static StartupException error(String variable, int position, String problem) {
    return new StartupException("%s: entry %d %s.".formatted(variable, position, problem));
  }
}
