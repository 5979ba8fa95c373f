package dev.skein.local.template;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A mapping whose keys have been checked. Values are resolved when they are read. A value without a
 * default is required.
 */
record Section(SourceLocation location, Map<String, YamlNode> entries, Intrinsics intrinsics) {

  /**
   * Rejects any other key: ignoring it could hide a difference from the cloud.
   *
   * @param supported the keys that are read, separated by spaces
   * @param ignored the keys that make no difference locally; their values are not read
   */
  static Section of(YamlNode node, Intrinsics intrinsics, String supported, String ignored) {
    Section section = new Section(node.location(), entries(node, intrinsics), intrinsics);
    var known = new TreeSet<>(Arrays.asList((supported + " " + ignored).strip().split(" ", -1)));
    section.entries.forEach(
        (key, value) -> {
          if (!known.contains(key)) {
            throw value.error(
                "is not supported locally; check the spelling or remove it (supported: %s)"
                    .formatted(String.join(", ", known)));
          }
        });
    return section;
  }

  Section with(Intrinsics others) {
    return new Section(location, entries, others);
  }

  /** The same section, with the values of {@code defaults} for the keys that it lacks. */
  Section withDefaults(Section defaults) {
    Map<String, YamlNode> merged = new LinkedHashMap<>(defaults.entries);
    merged.putAll(entries);
    return new Section(location, merged, intrinsics);
  }

  TemplateException error(String key, String message) {
    @Nullable YamlNode value = entries.get(key);
    return (value == null ? location.key(key, location.line()) : value.location()).error(message);
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  YamlNode value(String key) {
    return Optional.ofNullable(entries.get(key))
        .orElseThrow(() -> error(key, "is missing; add it"));
  }

  String text(String key) {
    return intrinsics.text(value(key));
  }

  String oneOf(String key, String... allowed) {
    String text = text(key);
    if (!List.of(allowed).contains(text)) {
      throw error(key, "must be %s locally, not %s".formatted(String.join(" or ", allowed), text));
    }
    return text;
  }

  int integer(String key, int min, int max) {
    String text = text(key);
    int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    if (number < min || number > max) {
      throw error(key, "must be an integer from %d to %d, not %s".formatted(min, max, text));
    }
    return number;
  }

  int integer(String key, int min, int max, int absent) {
    return has(key) ? integer(key, min, max) : absent;
  }

  /** The items of a list; none when the key is absent. */
  List<YamlNode> items(String key) {
    return has(key) ? plain(value(key), intrinsics).items() : List.of();
  }

  List<Section> sections(String key, String supported, String ignored) {
    return items(key).stream()
        .map(intrinsics::select)
        .filter(item -> !Intrinsics.isNoValue(item))
        .map(item -> of(item, intrinsics, supported, ignored))
        .toList();
  }

  /** A nested section; an absent one is empty. */
  Section section(String key, String supported, String ignored) {
    return has(key)
        ? of(value(key), intrinsics, supported, ignored)
        : new Section(location.key(key, location.line()), Map.of(), intrinsics);
  }

  /** A mapping with any keys, such as Variables; an absent one is empty. */
  Map<String, YamlNode> mapping(String key) {
    return has(key) ? entries(value(key), intrinsics) : Map.of();
  }

  /** The logical ID of the resource that {@code !Ref} names. */
  String ref(String key, String type) {
    return intrinsics
        .reference(value(key))
        .filter(name -> intrinsics.isResource(name, type))
        .orElseThrow(() -> error(key, "must be !Ref of an " + type + " in this template"));
  }

  /** The logical ID of the resource whose ARN {@code !GetAtt} names. */
  String arn(String key, String type) {
    YamlNode node = intrinsics.select(value(key));
    String name = node.function().equals("GetAtt") ? node.text() : "";
    if (name.endsWith(".Arn") && intrinsics.isResource(name.replace(".Arn", ""), type)) {
      return name.replace(".Arn", "");
    }
    throw error(key, "must be !GetAtt Name.Arn of an " + type + " in this template");
  }

  private static Map<String, YamlNode> entries(YamlNode node, Intrinsics intrinsics) {
    return plain(node, intrinsics).entries();
  }

  private static YamlNode plain(YamlNode node, Intrinsics intrinsics) {
    YamlNode selected = intrinsics.select(node);
    if (!selected.function().isEmpty()) {
      throw node.error("must be a list or a mapping, not !" + selected.function());
    }
    return selected;
  }
}
