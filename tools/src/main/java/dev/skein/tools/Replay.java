package dev.skein.tools;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Sends the audit records of a log to the queue. The consumer stores a record once, however often
 * it is sent, so a replay can be repeated and resumed. Not thread-safe.
 */
final class Replay {
  private static final int MAX_REPORTED = 20;

  private final Optional<QueueSender> sender;
  private final Set<String> events;
  private final Progress progress;
  private final List<Place> pending = new ArrayList<>();
  private long lines;
  private long records;
  private long sent;
  private long invalid;

  /** A line of a file. */
  private record Place(String file, long line) {}

  /**
   * @param sender empty to send nothing
   * @param events the names of the events whose records are sent
   */
  Replay(Optional<QueueSender> sender, Set<String> events, Progress progress) {
    this.sender = sender;
    this.events = events;
    this.progress = progress;
  }

  /**
   * Reads the files and sends their records.
   *
   * @param fromLine the first line of the first file to read
   * @param standard standard input
   * @return whether every record was valid
   * @throws ToolException if a file cannot be read or the queue does not accept the records; the
   *     message says how to resume
   */
  boolean run(List<String> files, long fromLine, InputStream standard) throws ToolException {
    long from = fromLine;
    for (String file : files) {
      var place = new Place[] {new Place(file, from)};
      long first = from;
      try (BufferedReader text = Inputs.open(file, standard)) {
        Lines.read(
            text,
            (line, content) -> {
              if (line >= first) {
                place[0] = new Place(file, line);
                line(place[0], content);
              }
            });
      } catch (IOException e) {
        flush(files);
        throw stopped(Inputs.unreadable(file, e), place[0], files);
      } catch (ToolException e) {
        throw stopped(e, place[0], files);
      }
      from = 1;
    }
    flush(files);
    return invalid == 0;
  }

  private void flush(List<String> files) throws ToolException {
    try {
      if (sender.isPresent()) {
        accepted(sender.get().flush());
      }
    } catch (ToolException e) {
      throw stopped(e, pending.getFirst(), files);
    }
  }

  /** What was done, in one line. */
  String summary() {
    return "%d %s, %d lines read, %d without a record, %d invalid"
        .formatted(
            sender.isPresent() ? sent : records,
            sender.isPresent() ? "records sent" : "records found",
            lines,
            lines - records - invalid,
            invalid);
  }

  private void line(Place place, String content) throws ToolException {
    lines++;
    switch (LoggedRecord.in(content, events)) {
      case LoggedRecord.None _ -> {}
      case LoggedRecord.Invalid(String problem) -> report(place, problem);
      case LoggedRecord.Valid(ObjectNode record) -> send(place, Json.STRICT.write(record));
    }
    progress.update(this::summary);
  }

  private void send(Place place, String message) throws ToolException {
    if (message.length() > QueueSender.MAX_BYTES) {
      report(place, "has a record that is larger than a message can be, 1 MiB");
      return;
    }
    records++;
    if (sender.isPresent()) {
      accepted(sender.get().add(message));
      pending.add(place);
    }
  }

  private void accepted(int messages) {
    sent += messages;
    pending.subList(0, messages).clear();
  }

  private void report(Place place, String problem) {
    invalid++;
    if (invalid <= MAX_REPORTED) {
      progress.say("%s:%d %s".formatted(place.file(), place.line(), problem));
    } else if (invalid == MAX_REPORTED + 1) {
      progress.say("further invalid lines are only counted");
    }
  }

  /** Names the first line whose record is not known to be in the queue. */
  private ToolException stopped(ToolException cause, Place at, List<String> files) {
    Place first = pending.isEmpty() ? at : pending.getFirst();
    var left = files.subList(files.indexOf(first.file()), files.size());
    return new ToolException(
        "%s%nstopped at %s:%d, %s%nto resume: --from-line %d %s"
            .formatted(
                cause.getMessage(),
                first.file(),
                first.line(),
                summary(),
                first.line(),
                String.join(" ", left)));
  }
}
