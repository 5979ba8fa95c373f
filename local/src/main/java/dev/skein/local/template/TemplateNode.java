package dev.skein.local.template;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A value in the template that knows its place. Intrinsics stand in their long form. */
sealed interface TemplateNode {

  Place place();

  default TemplateException error(String what) {
    return place().error(what);
  }

  /** This value as it appears elsewhere: an error then names the place where it is used. */
  default TemplateNode at(Place use) {
    return switch (this) {
      case Scalar scalar -> new Scalar(use, scalar.text());
      case Sequence list ->
          new Sequence(use, list.items().stream().map(item -> item.at(use)).toList());
      case Mapping mapping -> mapping;
      case Reference reference -> reference;
    };
  }

  /** Text, number or boolean, all as text. */
  record Scalar(Place place, String text) implements TemplateNode {}

  record Sequence(Place place, List<TemplateNode> items) implements TemplateNode {

    public Sequence {
      items = List.copyOf(items);
    }
  }

  /**
   * Entries in the template's order.
   *
   * @param entries never holds a null
   */
  record Mapping(Place place, Map<String, TemplateNode> entries) implements TemplateNode {

    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    Optional<TemplateNode> entry(String key) {
      return Optional.ofNullable(entries.get(key));
    }
  }

  /**
   * A resource of this template, whose address only a running part has. No YAML reads as one: it is
   * what Ref and GetAtt leave behind.
   *
   * @param attribute as in Fn::GetAtt; empty for a Ref
   */
  record Reference(Place place, String logicalId, String attribute) implements TemplateNode {}
}
