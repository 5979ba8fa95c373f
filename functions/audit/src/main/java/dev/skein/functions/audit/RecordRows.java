package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.Problem;
import dev.skein.base.Json;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkClientException;

/** The records of a query as lines of JSON or rows of CSV, newest first. */
final class RecordRows implements Export.Rows {
  private static final int PIECE = 100;

  private final AuditRecords records;
  private final AuditQuery query;
  private final AuditFormat format;
  private int written;
  private boolean begun;

  RecordRows(AuditRecords records, AuditQuery query, AuditFormat format) {
    this.records = records;
    this.query = query;
    this.format = format;
  }

  @Override
  public List<String> next() {
    var rows = new ArrayList<String>();
    int wanted = Math.min(PIECE, query.limit() - written);
    List<ObjectNode> found = wanted == 0 ? List.of() : records.next(wanted);
    if (wanted > 0 && found.isEmpty() && !records.hasEnded()) {
      throw SdkClientException.create("no time left to read");
    }
    for (ObjectNode record : found) {
      rows.add(row(record, format));
      written++;
    }
    if (!begun) {
      rows.addAll(0, header(format));
      begun = true;
    }
    return rows;
  }

  /** How many were handed out so far. */
  int written() {
    return written;
  }

  @Override
  public String incomplete(Problem problem) {
    if (format == AuditFormat.CSV) {
      return CsvTable.incomplete(problem.detail());
    }
    var line = Json.object();
    line.putObject("incomplete")
        .put("type", problem.type())
        .put("title", problem.title())
        .put("detail", problem.detail())
        .put("records", written)
        .put("next_cursor", query.cursor(records.position()));
    return line(line);
  }

  /** What precedes the rows. */
  static List<String> header(AuditFormat format) {
    return format == AuditFormat.CSV ? List.of(CsvTable.header()) : List.of();
  }

  /** A record with its line end. */
  static String row(ObjectNode record, AuditFormat format) {
    return format == AuditFormat.CSV ? CsvTable.row(record) : line(record);
  }

  private static String line(ObjectNode record) {
    return Json.STRICT.write(record) + "\n";
  }
}
