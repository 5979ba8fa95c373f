package dev.skein.local.chaos;

import dev.skein.local.LocalStack;
import dev.skein.local.testing.Terminated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Kills the process of a function that is at the other end of a connection, with SIGKILL.
 * Thread-safe.
 */
final class Killer {
  static final List<String> MODEL_FUNCTIONS = List.of("ChatFunction", "AnalyzeFunction");
  static final List<String> CONSUMER = List.of("AuditConsumerFunction");

  private final Set<Integer> attempted = ConcurrentHashMap.newKeySet();
  private final Set<Integer> killed = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Long> pids = new ConcurrentHashMap<>();
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();
  private volatile @Nullable LocalStack stack;

  void attach(LocalStack running) {
    stack = running;
  }

  /** The requests whose function was killed. */
  Set<Integer> killed() {
    return killed;
  }

  /** How many processes were killed at each moment. */
  Map<String, Integer> counts() {
    return new TreeMap<>(counts);
  }

  /** Kills the function that serves a request, once; returns when it has ended. */
  void kill(ChaosPlan.Request request, int clientPort, int serverPort) {
    if (attempted.add(request.number())) {
      kill(request, find(MODEL_FUNCTIONS, clientPort, serverPort));
    }
  }

  /**
   * Sends SIGTERM to the function that serves a request, once. It counts as killed if it could not
   * finish its request in the time that the platform leaves it.
   */
  void terminate(ChaosPlan.Request request, int clientPort, int serverPort) {
    if (attempted.add(request.number())) {
      var process = find(MODEL_FUNCTIONS, clientPort, serverPort).flatMap(ProcessHandle::of);
      process.ifPresent(it -> terminate(request, it));
      count(request.kill().name(), process.isPresent());
    }
  }

  private void terminate(ChaosPlan.Request request, ProcessHandle process) {
    var terminated = Terminated.signal(process);
    Thread.startVirtualThread(
        () -> {
          boolean inTime = terminated.endsInTime();
          count(request.kill() + (inTime ? " in time" : " too late"), true);
          if (!inTime) {
            killed.add(request.number());
          }
        });
  }

  /** Remembers which process serves a request. */
  void note(ChaosPlan.Request request, int clientPort, int serverPort) {
    find(MODEL_FUNCTIONS, clientPort, serverPort).ifPresent(pid -> pids.put(request.number(), pid));
  }

  /** Kills the noted process that serves a request, once. */
  void killNoted(ChaosPlan.Request request) {
    if (attempted.add(request.number())) {
      kill(request, Optional.ofNullable(pids.get(request.number())));
    }
  }

  private void kill(ChaosPlan.Request request, Optional<Long> pid) {
    // Before the kill: the caller's answer may be judged at once.
    pid.ifPresent(_ -> killed.add(request.number()));
    kill(request.kill().name(), pid);
  }

  /** Kills the consumer that has this connection. */
  void kill(ChaosPlan.ConsumerKill moment, int clientPort, int serverPort) {
    kill("consumer " + moment, find(CONSUMER, clientPort, serverPort));
  }

  private void kill(String moment, Optional<Long> pid) {
    var process = pid.flatMap(ProcessHandle::of);
    count(moment, process.isPresent());
    process.ifPresent(
        it -> {
          it.destroyForcibly();
          it.onExit().join();
        });
  }

  private void count(String moment, boolean found) {
    counts.merge(found ? moment : moment + " missed", 1, Integer::sum);
  }

  private Optional<Long> find(List<String> functions, int clientPort, int serverPort) {
    var running = stack;
    if (running == null) {
      return Optional.empty();
    }
    String socket = "socket:[" + inode(clientPort, serverPort) + "]";
    return functions.stream()
        .flatMap(function -> running.environmentPids(function).stream())
        .filter(pid -> isOpen(pid, socket))
        .findAny();
  }

  /** The client's socket, as the kernel lists it. */
  private static String inode(int clientPort, int serverPort) {
    String client = ":%04X".formatted(clientPort);
    String server = ":%04X".formatted(serverPort);
    return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
        .flatMap(file -> lines(Path.of(file)))
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields[1].endsWith(client) && fields[2].endsWith(server))
        .map(fields -> fields[9])
        .findFirst()
        .orElse("none");
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream().skip(1);
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  private static boolean isOpen(long pid, String socket) {
    try (var files = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path file : files) {
        if (isLink(file, socket)) {
          return true;
        }
      }
    } catch (IOException e) {
      // The process has ended.
    }
    return false;
  }

  private static boolean isLink(Path file, String target) {
    try {
      return Files.readSymbolicLink(file).toString().equals(target);
    } catch (IOException e) {
      return false; // Closed meanwhile.
    }
  }
}
