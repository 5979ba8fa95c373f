package dev.skein.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules for the console's own files, which hold without a browser. */
class WebRulesTest {
  private static final Path WEB = Path.of("web");

  /** What turns a text into markup, code or an address of another server. */
  private static final Pattern MARKUP_OR_CODE =
      Pattern.compile(
          "innerHTML|outerHTML|insertAdjacentHTML|setHTML|srcdoc|document\\.write|DOMParser"
              + "|createContextualFragment|parseHTML|\\beval\\b|new Function|javascript:"
              + "|set(?:Timeout|Interval)\\(\\s*[\"'`]|import\\(|importScripts|postMessage"
              + "|localStorage\\.setItem\\((?!\"skein\\.theme\")|document\\.cookie");

  private final Map<String, String> files = files();

  @Test
  void noScriptTurnsTextIntoMarkupOrCode() {
    files.forEach(
        (name, text) ->
            assertThat(Pattern.compile(MARKUP_OR_CODE.pattern()).matcher(text).results())
                .as(name)
                .extracting(MatchResult::group)
                .isEmpty());
  }

  @Test
  void nothingIsLoadedFromAnotherServer() {
    files.forEach(
        (name, text) -> {
          // A link for people in a comment, and the names of XML, load nothing.
          String loaded =
              text.replaceAll("(?m)^ *//.*$", "")
                  .replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
          assertThat(loaded).as(name).doesNotContain("http://", "https://", "\"//", "'//", "url(");
        });
  }

  @Test
  void thePageHasNoScriptStyleOrHandlerOfItsOwn() {
    String page = files.getOrDefault("index.html", "");

    assertThat(page).doesNotContainPattern("(?i)<style|<script(?![^>]*\\bsrc=)| on\\w+=| style=");
  }

  @Test
  void everyModuleThatIsImportedIsThere() {
    for (var file : files.entrySet()) {
      for (MatchResult module : find("from \"([^\"]+)\"", file.getValue())) {
        String name = module.group(1).substring("./".length());
        assertThat(name.equals("uPlot.esm.js") || files.containsKey(name))
            .as(file.getKey() + " imports " + name)
            .isTrue();
      }
    }
  }

  @Test
  void everyElementThatAScriptLooksUpIsInThePage() {
    String page = files.getOrDefault("index.html", "");
    var made = find("id: \"([^\"]+)\"", String.join("\n", files.values()));
    var ids = Stream.concat(find(" id=\"([^\"]+)\"", page).stream(), made.stream());
    List<String> known = ids.map(id -> id.group(1)).toList();
    for (var file : files.entrySet()) {
      for (MatchResult id : find("byId\\(\"([^\"]+)\"\\)", file.getValue())) {
        assertThat(known).as(file.getKey()).contains(id.group(1));
      }
    }
  }

  @Test
  void everyColorOfTheSystemsDarkThemeIsThatOfTheDarkTheme() {
    String style = files.getOrDefault("style.css", "");
    List<String> dark =
        find("(?s):root\\[data-theme=\"(?:dark|system)\"] \\{(.*?)\\}", style).stream()
            .map(rule -> rule.group(1).replaceAll("\\s+", " ").strip())
            .toList();

    assertThat(dark).hasSize(2);
    assertThat(dark.getFirst()).isEqualTo(dark.getLast());
  }

  private static List<MatchResult> find(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().toList();
  }

  static Map<String, String> files() {
    try (Stream<Path> paths = Files.list(WEB)) {
      Map<String, String> files = new TreeMap<>();
      for (Path path : paths.toList()) {
        files.put(path.getFileName().toString(), Files.readString(path));
      }
      assertThat(files).hasSizeGreaterThan(10);
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
