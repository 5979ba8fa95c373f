package dev.skein.runtime;

/** The function cannot be initialized. The report is sent to the Runtime API. */
final class InitException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ErrorReport report;

  InitException(String type, String message) {
    super(message);
    this.report = new ErrorReport(type, message);
  }

  InitException(ErrorReport report, Throwable cause) {
    super(report.message(), cause);
    this.report = report;
  }

  ErrorReport report() {
    return report;
  }
}
