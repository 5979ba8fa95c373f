package dev.skein.local.template;

import dev.skein.local.template.TemplateNode.Mapping;
import dev.skein.local.template.TemplateNode.Reference;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A mapping whose keys have been checked, read by type. Every value is resolved when it is read; a
 * key whose value is AWS::NoValue is as good as absent. Without a default, a key must be there.
 */
record Section(Mapping node, Intrinsics intrinsics) {

  /** Refuses a node that is no mapping, or holds a key that is not known. */
  static Section of(TemplateNode node, Keys keys, Intrinsics intrinsics) {
    Mapping mapping = intrinsics.mapping(node);
    keys.check(mapping);
    return new Section(mapping, intrinsics);
  }

  TemplateException error(String key, String what) {
    return node.entry(key).map(TemplateNode::place).orElse(node.place().key(key)).error(what);
  }

  TemplateException missing(String key) {
    return error(key, "is missing; add it");
  }

  Optional<TemplateNode> value(String key) {
    return node.entry(key).flatMap(intrinsics::resolve);
  }

  Optional<String> optionalText(String key) {
    Optional<String> text = value(key).map(intrinsics::text);
    if (text.filter(found -> found.contains("{{resolve:")).isPresent()) {
      throw error(key, "{{resolve:…}} is for environment variables alone; write the value");
    }
    return text;
  }

  String text(String key) {
    return optionalText(key).orElseThrow(() -> missing(key));
  }

  String oneOf(String key, String... allowed) {
    String text = text(key);
    if (!List.of(allowed).contains(text)) {
      String choice = String.join(" or ", allowed);
      throw error(key, "must be %s on this machine, not %s".formatted(choice, text));
    }
    return text;
  }

  boolean flag(String key, boolean absent) {
    return value(key).isEmpty() ? absent : oneOf(key, "true", "false").equals("true");
  }

  int integer(String key, int min, int max) {
    String text = text(key);
    int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    if (number < min || number > max) {
      throw error(key, "must be a whole number, %d to %d, not %s".formatted(min, max, text));
    }
    return number;
  }

  int integer(String key, int min, int max, int absent) {
    return value(key).isEmpty() ? absent : integer(key, min, max);
  }

  /** The resolved items of a list; none when the key is absent. */
  List<TemplateNode> items(String key) {
    return value(key).map(intrinsics::items).orElse(List.of());
  }

  List<Section> sections(String key, Keys keys) {
    return items(key).stream().map(item -> of(item, keys, intrinsics)).toList();
  }

  /** An absent section is an empty one, and its owner's in an error. */
  Section section(String key, Keys keys) {
    return of(mapping(key), keys, intrinsics);
  }

  /** A mapping with free keys, such as Variables; empty when the key is absent. */
  Mapping mapping(String key) {
    return value(key)
        .map(intrinsics::mapping)
        .orElseGet(() -> new Mapping(node.place().key(key), Map.of()));
  }

  /** The name of the resource of that type which a key names, by Ref or (Arn) by Fn::GetAtt. */
  String resource(String key, String type, String attribute) {
    if (value(key).orElseThrow(() -> missing(key)) instanceof Reference reference
        && reference.attribute().equals(attribute)
        && intrinsics.resource(reference.logicalId(), reference.place()).type().equals(type)) {
      return reference.logicalId();
    }
    String shape = attribute.isEmpty() ? "!Ref Name" : "!GetAtt Name." + attribute;
    throw error(key, "must be %s of an %s in this template".formatted(shape, type));
  }
}
