package dev.skein.tools;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The arguments of a command. Options may stand before, between and after the files; {@code -} is
 * standard input.
 *
 * @param options the values of each option that has one, in order
 * @param flags the options without a value
 */
record Arguments(Map<String, List<String>> options, Set<String> flags, List<String> files) {

  /**
   * Reads {@code --name value}, {@code --name=value} and {@code --flag}.
   *
   * @throws ToolException if an option is unknown or lacks its value, or if no file is named
   */
  static Arguments parse(List<String> arguments, Set<String> withValue, Set<String> flagNames)
      throws ToolException {
    var options = new HashMap<String, List<String>>();
    var flags = new HashSet<String>();
    var files = new ArrayList<String>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      String name = argument.split("=", 2)[0];
      if (!argument.startsWith("--")) {
        files.add(argument);
      } else if (flagNames.contains(argument)) {
        flags.add(argument);
      } else if (withValue.contains(name)) {
        String value;
        if (!name.equals(argument)) {
          value = argument.substring(name.length() + 1);
        } else if (i + 1 < arguments.size()) {
          i++;
          value = arguments.get(i);
        } else {
          throw new ToolException(name + " needs a value");
        }
        options.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
      } else {
        throw new ToolException("there is no option " + name + "; see --help");
      }
    }
    if (files.isEmpty()) {
      throw new ToolException("name a file, a folder, or - for standard input; see --help");
    }
    return new Arguments(Map.copyOf(options), Set.copyOf(flags), List.copyOf(files));
  }

  boolean has(String flag) {
    return flags.contains(flag);
  }

  /** The values of an option that may be repeated. */
  List<String> all(String option) {
    return options.getOrDefault(option, List.of());
  }

  /** The value of an option; the last one if it is repeated. */
  Optional<String> last(String option) {
    return all(option).isEmpty() ? Optional.empty() : Optional.of(all(option).getLast());
  }

  /**
   * The value of an option that is a whole number of at least 1.
   *
   * @throws ToolException if it is something else
   */
  long count(String option, long otherwise) throws ToolException {
    String text = last(option).orElse(Long.toString(otherwise));
    if (!text.matches("[1-9]\\d{0,17}")) {
      throw new ToolException(option + " must be a whole number of at least 1");
    }
    return Long.parseLong(text);
  }
}
