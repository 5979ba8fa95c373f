package dev.skein.local.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's documentation and its sources, as files. */
public final class Pages {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern CONSOLE = Pattern.compile("(?s)```console\n(.*?)```");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^\\$ (.*(?:\\\\\n.*)*)\n((?:(?!\\$ ).*\n)*)");

  private Pages() {}

  /**
   * A command of a page, and the output that is shown below it.
   *
   * @param page relative to the project's folder
   */
  record Shown(String page, String command, String output) {}

  /** All pages, relative to the project's folder: README.md first, the others sorted. */
  static List<String> all() {
    var pages = new ArrayList<>(List.of("README.md", "CONTRIBUTING.md", "bench/README.md"));
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      files
          .map(file -> ROOT.relativize(file).toString())
          .filter(file -> file.endsWith(".md"))
          .sorted()
          .forEach(pages::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return pages;
  }

  /** A file's contents. */
  public static String read(String file) {
    try {
      return Files.readString(ROOT.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The Java files below a folder, tests included, relative to the project's folder. Build output
   * is not entered: other tests write and delete there meanwhile.
   */
  static List<String> javaFiles(String folder) {
    var files = new ArrayList<String>();
    try {
      Files.walkFileTree(
          ROOT.resolve(folder),
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes) {
              return visited.endsWith("target")
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path visited, BasicFileAttributes attributes) {
              files.add(ROOT.relativize(visited).toString());
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files.stream().filter(file -> file.endsWith(".java") && file.contains("/src/")).toList();
  }

  /** The contents of the Java files below these folders, without the tests. */
  public static List<String> sources(String... folders) {
    return Stream.of(folders)
        .flatMap(folder -> javaFiles(folder).stream())
        .filter(file -> file.contains("/src/main/"))
        .map(Pages::read)
        .toList();
  }

  /** The commands of a page's console blocks, in order. */
  static List<Shown> commands(String page) {
    return CONSOLE
        .matcher(read(page))
        .results()
        .flatMap(block -> COMMAND.matcher(block.group(1)).results())
        .map(command -> new Shown(page, command.group(1), command.group(2)))
        .toList();
  }

  /** The part of a page from a heading to the next one of the same or a higher level. */
  static String section(String page, String heading) {
    String text = read(page);
    int start = text.indexOf("\n" + heading + "\n");
    if (start < 0) {
      throw new AssertionError(page + " has no heading " + heading);
    }
    int level = heading.indexOf(' ');
    var next = Pattern.compile("(?m)^#{1," + level + "} ").matcher(text);
    int from = start + 1 + heading.length();
    return next.find(from) ? text.substring(from, next.start()) : text.substring(from);
  }

  /** The first group of each match in a text. */
  public static List<String> groups(String pattern, String text) {
    return find(pattern, text).stream().map(match -> match.group(1)).toList();
  }

  /** All matches in a text. */
  static List<MatchResult> find(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().toList();
  }
}
