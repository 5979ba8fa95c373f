package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skein.api.ApiResponse;
import dev.skein.api.RefusedException;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import java.util.List;
import java.util.Map;

/**
 * The responses with rows.
 *
 * @param buffered whether the front door cannot stream: then an export is collected, and rejected
 *     if it is too large
 */
record Exports(boolean buffered) {

  /** A response with these records. */
  ApiResponse of(List<ObjectNode> records, AuditFormat format) {
    var text = new StringBuilder();
    RecordRows.header(format).forEach(text::append);
    records.forEach(record -> text.append(RecordRows.row(record, format)));
    return new ApiResponse(200, headers(format), text.toString());
  }

  /**
   * A response with all rows. The first are read before it begins, so that a table that cannot be
   * read is an error response rather than a broken one.
   *
   * @throws RefusedException if it cannot be streamed, and is too large
   */
  ApiResponse of(Export.Rows rows, AuditFormat format, Deadline deadline) throws RefusedException {
    if (buffered) {
      return new ApiResponse(200, headers(format), collect(rows));
    }
    var body = new Export(rows.next(), rows, deadline);
    return new ApiResponse(200, headers(format), body, () -> {});
  }

  private static String collect(Export.Rows rows) throws RefusedException {
    var text = new StringBuilder();
    int escaped = 0;
    for (List<String> rowsOfPiece = rows.next();
        !rowsOfPiece.isEmpty();
        rowsOfPiece = rows.next()) {
      String piece = String.join("", rowsOfPiece);
      text.append(piece);
      // JSON in ASCII at most doubles. In CSV, a character may have six bytes.
      escaped += Json.STRICT.write(TextNode.valueOf(piece)).length();
      if (text.length() > AuditReaderFunction.MAX_PAGE_CHARACTERS
          || escaped > 2 * AuditReaderFunction.MAX_PAGE_CHARACTERS) {
        throw new RefusedException(AuditProblems.exportTooLarge());
      }
    }
    return text.toString();
  }

  private static Map<String, String> headers(AuditFormat format) {
    return format == AuditFormat.CSV
        ? Map.of(
            "Content-Type", "text/csv; charset=utf-8; header=present",
            "Content-Disposition", "attachment; filename=\"audit.csv\"",
            "Vary", "Accept")
        : Map.of("Content-Type", format.mediaType, "Vary", "Accept");
  }
}
