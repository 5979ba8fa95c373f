package dev.skein.local.template;

import dev.skein.local.template.TemplateNode.Mapping;
import dev.skein.local.template.TemplateNode.Scalar;
import dev.skein.local.template.TemplateNode.Sequence;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** A YAML file as {@link TemplateNode}s, under the rules that CloudFormation adds to YAML. */
final class YamlFile {

  private static final String NO_ALIASES =
      "CloudFormation knows no YAML aliases; write the value out";

  private static final String STANDARD_TAGS = Tag.PREFIX + "(str|int|float|bool|null|seq|map)";

  /** Every short form of CloudFormation; which of them are resolved is {@link Intrinsics}' say. */
  private static final String FUNCTION_TAGS =
      "!(And|Base64|Cidr|Condition|Equals|FindInMap|GetAZs|GetAtt|If|ImportValue|Join|Not|Or|Ref"
          + "|Select|Split|Sub|ToJsonString|Transform)";

  /** What the deployment's YAML 1.1 reads as a boolean or an octal, and YAML 1.2 does not. */
  private static final Pattern AMBIGUOUS = Pattern.compile("(?i)yes|no|on|off|[-+]?0[0-9_]+");

  /** Leaves {@code <<} a key, so that it can be refused like any other that is unknown. */
  private static final class WithoutMerge extends CoreSchema {

    @Override
    public ScalarResolver getScalarResolver() {
      return new CoreScalarResolver(false);
    }
  }

  private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private YamlFile() {}

  static Mapping read(Path file) {
    Place root = new Place(String.valueOf(file.getFileName()), 1, "");
    Node node = compose(file, root);
    if (new YamlFile().node(node, root) instanceof Mapping mapping) {
      return mapping;
    }
    throw root.error("must hold the sections of a template, such as Resources");
  }

  private static Node compose(Path file, Place root) {
    try {
      return new Compose(LoadSettings.builder().setSchema(new WithoutMerge()).build())
          .composeString(Files.readString(file))
          .orElseThrow(() -> root.error("is empty; write a template with Resources"));
    } catch (CharacterCodingException e) {
      throw root.error("is not UTF-8; save it in that encoding");
    } catch (IOException e) {
      throw root.error("cannot be read; check that " + file + " exists and is readable");
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
      Place place = new Place(root.file(), line, "");
      throw place.error("is not YAML: " + e.getProblem() + "; mend the line, or the one before it");
    } catch (YamlEngineException e) {
      throw root.error("is not YAML: " + e.getMessage());
    }
  }

  private TemplateNode node(Node node, Place place) {
    if (!seen.add(node)) {
      throw place.error(NO_ALIASES);
    }
    String tag = node.getTag().getValue();
    if (tag.matches(STANDARD_TAGS)) {
      return content(node, place);
    }
    if (!tag.matches(FUNCTION_TAGS)) {
      throw place.error("CloudFormation has no tag " + tag + "; check its spelling or remove it");
    }
    String name = tag.substring(1);
    String function = name.equals("Ref") || name.equals("Condition") ? name : "Fn::" + name;
    return new Mapping(place, Map.of(function, content(node, place)));
  }

  private TemplateNode content(Node node, Place place) {
    return switch (node) {
      case ScalarNode scalar -> new Scalar(place, text(scalar, place));
      case SequenceNode list -> new Sequence(place, items(list, place));
      case MappingNode mapping -> new Mapping(place, entries(mapping, place));
      default -> throw place.error(NO_ALIASES);
    };
  }

  private List<TemplateNode> items(SequenceNode list, Place place) {
    List<TemplateNode> items = new ArrayList<>();
    for (Node item : list.getValue()) {
      items.add(node(item, place.item(items.size(), line(item))));
    }
    return items;
  }

  private Map<String, TemplateNode> entries(MappingNode mapping, Place place) {
    Map<String, TemplateNode> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      // The key's line and not the value's: a block begins on the line after its key.
      int line = line(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
        throw place.key("?", line).error("a key must be text");
      }
      String key = text(keyNode, place.key(keyNode.getValue(), line));
      Place at = place.key(key, line);
      if (key.equals("<<")) {
        throw at.error("CloudFormation knows no YAML merge keys; write the entries out");
      }
      if (entries.put(key, node(tuple.getValueNode(), at)) != null) {
        throw at.error("this key stands here twice; remove one of the two");
      }
    }
    return entries;
  }

  private static String text(ScalarNode scalar, Place place) {
    String text = scalar.getValue();
    Tag tag = scalar.getTag();
    if (tag.equals(Tag.NULL)) {
      throw place.error("has no value; CloudFormation allows no null: give one, or remove the key");
    }
    if (scalar.getScalarStyle() == ScalarStyle.PLAIN && AMBIGUOUS.matcher(text).matches()) {
      throw place.error(
          text + " is read differently by YAML 1.1 and 1.2; quote it, or write true or false");
    }
    return tag.equals(Tag.BOOL) ? text.toLowerCase(Locale.ROOT) : text;
  }

  private static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }
}
