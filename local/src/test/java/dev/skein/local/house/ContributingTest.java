package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What CONTRIBUTING.md names is where it says. */
class ContributingTest {
  private static final Set<String> OF_THE_JDK = Set.of("Duration", "Instant");

  /** The start of a list item, a table's row or a paragraph. */
  private static final String NEXT_STATEMENT = "\n(?=\\s*\n|- |\\| |\\d+\\. )";

  @Test
  void everyClassIsInAModuleThatTheSameStatementNames() {
    var checked = new ArrayList<String>();
    var missing = new ArrayList<String>();
    for (String statement : Pages.read("CONTRIBUTING.md").split(NEXT_STATEMENT, -1)) {
      List<String> modules =
          Pages.groups("`((?:shared|functions|local|bench)(?:/[a-z]+)?)/?`", statement);
      for (String name : Pages.groups("`([A-Z][a-z]+\\w*(?:\\.\\w+)?)`", statement)) {
        if (!OF_THE_JDK.contains(name)) {
          checked.add(name);
          if (modules.stream().noneMatch(module -> declares(module, name))) {
            missing.add(name + " in " + modules);
          }
        }
      }
    }

    assertThat(missing).isEmpty();
    assertThat(checked).hasSizeGreaterThan(25);
  }

  /** Whether a module has this class and, of {@code Class.member}, this member. */
  private static boolean declares(String module, String name) {
    String[] parts = name.split("\\.", 2);
    return Pages.javaFiles(module).stream()
        .filter(file -> file.endsWith("/" + parts[0] + ".java"))
        .anyMatch(
            file ->
                parts.length == 1
                    || !Pages.groups("\\b(" + parts[1] + ")\\b", Pages.read(file)).isEmpty());
  }
}
