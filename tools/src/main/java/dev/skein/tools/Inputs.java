package dev.skein.tools;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The files that a command reads: plain or gzip, in UTF-8 or, from PowerShell, in UTF-16. */
final class Inputs {
  /** The name of standard input. */
  static final String STANDARD = "-";

  private Inputs() {}

  /**
   * The files themselves, and in place of a folder all files below it, in the order of their names:
   * an export to S3 is a folder. Files that describe an export are left out.
   *
   * @throws ToolException if one does not exist
   */
  static List<String> files(List<String> names) throws ToolException {
    var files = new ArrayList<String>();
    for (String name : names) {
      Path path = Path.of(name);
      if (!name.equals(STANDARD) && Files.isDirectory(path)) {
        files.addAll(below(path));
      } else if (name.equals(STANDARD) || Files.exists(path)) {
        files.add(name);
      } else {
        throw new ToolException("there is no file " + name);
      }
    }
    return files;
  }

  private static List<String> below(Path folder) throws ToolException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !describesAnExport(file.getFileName().toString()))
          .map(Path::toString)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw unreadable(folder.toString(), e);
    }
  }

  /** The other files of an export by DynamoDB, and of one by CloudWatch Logs. */
  private static boolean describesAnExport(String file) {
    return file.startsWith("manifest-")
        || file.endsWith(".md5")
        || file.equals("_started")
        || file.equals("aws-logs-write-test");
  }

  /**
   * A file's text.
   *
   * @param standard standard input
   * @throws ToolException if it cannot be opened
   */
  static BufferedReader open(String file, InputStream standard) throws ToolException {
    try {
      var bytes =
          new BufferedInputStream(
              file.equals(STANDARD) ? standard : Files.newInputStream(Path.of(file)));
      if (startsWith(bytes, 0x1f, 0x8b)) {
        bytes = new BufferedInputStream(new GZIPInputStream(bytes));
      }
      Charset charset = StandardCharsets.UTF_8;
      if (startsWith(bytes, 0xef, 0xbb, 0xbf)) {
        bytes.skipNBytes(3);
      } else if (startsWith(bytes, 0xff, 0xfe)) {
        bytes.skipNBytes(2);
        charset = StandardCharsets.UTF_16LE;
      }
      return new BufferedReader(new InputStreamReader(bytes, charset), 1 << 16);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static ToolException unreadable(String file, IOException e) {
    String reason =
        switch (e) {
          case UnreadableException unreadable -> unreadable.getMessage();
          case EOFException _ -> "it is cut off";
          default -> e.getClass().getSimpleName();
        };
    return new ToolException("%s cannot be read: %s".formatted(file, reason));
  }

  private static boolean startsWith(BufferedInputStream bytes, int... prefix) throws IOException {
    bytes.mark(prefix.length);
    boolean same = true;
    for (int expected : prefix) {
      same &= bytes.read() == expected;
    }
    bytes.reset();
    return same;
  }
}
