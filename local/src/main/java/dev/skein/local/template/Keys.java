package dev.skein.local.template;

import dev.skein.local.template.TemplateNode.Mapping;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * The keys that a mapping may hold. What is in neither list is refused: to ignore it could hide a
 * difference between this machine and the cloud. Lists are words with blanks between them.
 *
 * @param of what holds the keys, as an error names it
 * @param obeyed read, and acted upon
 * @param withoutEffect right in a deployment, and nothing to one machine; their values stay unread
 */
record Keys(String of, String obeyed, String withoutEffect) {

  Keys(String of, String obeyed) {
    this(of, obeyed, "");
  }

  void check(Mapping mapping) {
    var known = new TreeSet<>(Arrays.asList((obeyed + " " + withoutEffect).strip().split("\\s+")));
    mapping
        .entries()
        .forEach(
            (key, value) -> {
              if (!known.contains(key)) {
                throw value.error(
                    "unknown in %s on this machine; check the spelling or remove it (known: %s)"
                        .formatted(of, String.join(", ", known)));
              }
            });
  }
}
