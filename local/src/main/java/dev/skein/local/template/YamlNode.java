package dev.skein.local.template;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/** A YAML value and its location. Reads YAML as CloudFormation does: no aliases and no nulls. */
record YamlNode(SourceLocation location, Node yaml) {

  /** Plain scalars that YAML 1.1 (CloudFormation) reads as booleans or octals, YAML 1.2 as text. */
  private static final Pattern AMBIGUOUS = Pattern.compile("(?i)yes|no|on|off|[-+]?0[0-9_]+");

  YamlNode {
    if (yaml.getAnchor().isPresent()) {
      throw location.error("CloudFormation does not support YAML aliases; repeat the value");
    }
  }

  /** Parses a file in UTF-8. */
  static YamlNode parse(Path file) {
    SourceLocation start = new SourceLocation(String.valueOf(file.getFileName()), 1, "");
    try {
      return new Compose(LoadSettings.builder().setSchema(new FailsafeSchema()).build())
          .composeString(Files.readString(file))
          .map(root -> new YamlNode(start, root))
          .orElseThrow(() -> start.error("is empty"));
    } catch (CharacterCodingException e) {
      throw start.error("is not UTF-8; save it in that encoding");
    } catch (IOException e) {
      throw start.error("cannot be read; check that " + file + " exists and is readable");
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
      throw new SourceLocation(start.file(), line, "").error("invalid YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw start.error("invalid YAML: " + e.getMessage());
    }
  }

  TemplateException error(String message) {
    return location.error(message);
  }

  /** The intrinsic function of a short form such as {@code !Sub}, without the mark, or empty. */
  String function() {
    String tag = yaml.getTag().getValue();
    return tag.startsWith("!") ? tag.substring(1) : "";
  }

  /** The text of a string, number or boolean. */
  String text() {
    if (!(yaml instanceof ScalarNode scalar)) {
      throw error("must be a single value, not a list or a mapping");
    }
    String text = scalar.getValue();
    if (scalar.getScalarStyle() != ScalarStyle.PLAIN) {
      return text;
    }
    if (text.matches("(?i)~|null|")) {
      throw error("has no value; CloudFormation does not allow null");
    }
    if (AMBIGUOUS.matcher(text).matches()) {
      throw error(text + " has a different meaning in YAML 1.1 and 1.2; quote it");
    }
    return text.matches("(?i)true|false") ? text.toLowerCase(Locale.ROOT) : text;
  }

  List<YamlNode> items() {
    if (!(yaml instanceof SequenceNode list)) {
      throw error("must be a list");
    }
    List<YamlNode> items = new ArrayList<>();
    for (Node item : list.getValue()) {
      items.add(new YamlNode(location.item(items.size(), line(item)), item));
    }
    return items;
  }

  /** The entries of a mapping, in the file's order. */
  Map<String, YamlNode> entries() {
    if (!(yaml instanceof MappingNode mapping)) {
      throw error("must be a mapping");
    }
    Map<String, YamlNode> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      // The key's line, since a nested block starts on the line after its key.
      SourceLocation entry = location.key(key, line(tuple.getKeyNode()));
      if (entries.put(key, new YamlNode(entry, tuple.getValueNode())) != null) {
        throw entry.error("duplicate key; remove one of the two");
      }
    }
    return entries;
  }

  private static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }
}
