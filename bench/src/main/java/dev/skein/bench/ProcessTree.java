package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A process and its descendants, as {@code /proc} shows them. */
final class ProcessTree {

  private static final Path PROC = Path.of("/proc");

  /** Clock ticks a second, which Linux has fixed for all programs. */
  private static final int TICKS = 100;

  /** In {@code /proc/pid/stat}, counted from the field after the program's name. */
  private static final int USER_TIME = 11;

  private static final int SYSTEM_TIME = 12;

  private ProcessTree() {}

  /** The process itself comes first. */
  static List<Long> of(long pid) throws IOException {
    List<Long> pids = new ArrayList<>(List.of(pid));
    for (int i = 0; i < pids.size(); i++) {
      pids.addAll(children(pids.get(i)));
    }
    return pids;
  }

  private static List<Long> children(long pid) throws IOException {
    List<Long> children = new ArrayList<>();
    try (var threads = Files.newDirectoryStream(PROC.resolve(pid + "/task"))) {
      for (Path thread : threads) {
        children.addAll(pids(thread.resolve("children")));
      }
    }
    return children;
  }

  /** Of a file that a kernel may not have, and whose thread may have ended. */
  private static List<Long> pids(Path file) throws IOException {
    try {
      return Pattern.compile("\\d+")
          .matcher(Files.readString(file))
          .results()
          .map(pid -> Long.valueOf(pid.group()))
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** User and system time of all of them. */
  static Duration cpu(long pid) throws IOException {
    long ticks = 0;
    for (long member : of(pid)) {
      String stat = Files.readString(PROC.resolve(member + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      ticks += Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
    }
    return Duration.ofMillis(ticks * 1_000 / TICKS);
  }

  /** Resident memory of all of them, in bytes. */
  static long residentBytes(long pid) throws IOException {
    long kilobytes = 0;
    for (long member : of(pid)) {
      for (String line : Files.readAllLines(PROC.resolve(member + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          kilobytes += Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    }
    return kilobytes * 1024;
  }
}
