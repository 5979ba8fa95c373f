package dev.skein.tools;

import java.util.List;

/** The texts of {@code --help}. */
final class Help {
  private static final String OVERVIEW =
      """
      Tools for Skein's audit trail.

        java -jar skein-audit.jar replay   sends the records of a log to the audit queue
        java -jar skein-audit.jar verify   checks an export of the table against its hash chains

      replay --help and verify --help describe their options.
      """;

  private static final String REPLAY =
      """
      Sends the audit records of a log to the audit queue.

        java -jar skein-audit.jar replay --queue-url URL [options] FILE...

      FILE is a file, a folder, or - for standard input, plain or gzip: a function's log in any form in which
      CloudWatch Logs returns it (tail, filter-log-events, an export to S3, Logs Insights as JSON or CSV), or the
      output of the local stack. Lines without a record are skipped. The consumer stores a record once, however
      often it is sent, so it is safe to replay a log twice.

        --queue-url URL     the audit queue, the output AuditQueueUrl of the stack
        --endpoint-url URL  another SQS server; for a local queue, the server in the queue's URL is used
        --profile NAME      a profile of the AWS configuration; otherwise the default credentials are used
        --log-mode          also sends the records that AUDIT_MODE=log wrote (event audit)
        --from-line N       starts at this line of the first file; in a JSON document, at this log entry
        --dry-run           checks the records and sends nothing

      Exit code 0: all records are in the queue. 1: the others are, but some lines are cut or invalid; they are
      named. 2: stopped; the message says at which line, and how to resume.
      """;

  private static final String VERIFY =
      """
      Checks an export of the audit table against its hash chains, offline.

        java -jar skein-audit.jar verify [options] FILE...

      FILE is a file, a folder, or - for standard input, plain or gzip, in any order: GET /audit and GET /audit/chain
      as JSON Lines, DynamoDB's export to S3, or the output of aws dynamodb scan. Records and links that were edited,
      deleted, inserted or reordered are named. Records that were erased, that have expired, or that are too new to
      have both a link and a record in the export (--settling) are only counted.

        --anchors FILE           a log of the consumer or the eraser, in any form that replay reads: each line
                                 audit_batch names a link that the table must have; may be repeated
        --head CHAIN:LINK:SHA256 one such link; may be repeated
        --settling MINUTES       how long before the newest link a record may be without one (15)
        --retention-days DAYS    AUDIT_RETENTION_DAYS, if the export does not have the times of expiry (365)
        --since TIME             records without a link from before this time are fine: the chain was off

      An editor of the table who rewrites a chain from one link on to its end is found only with an anchor. Keep the
      heads that this command prints, or the log of the consumer.

      Exit code 0: intact. 1: tampered. 2: the export cannot be read.
      """;

  private Help() {}

  static String of(List<String> arguments) {
    return arguments.contains("replay") ? REPLAY : arguments.contains("verify") ? VERIFY : OVERVIEW;
  }
}
