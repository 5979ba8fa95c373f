package dev.skein.runtime;

import java.util.Map;

/**
 * The process of an execution environment: loads the handler that {@code _HANDLER} names, and
 * passes it one event after another. Exits with code 1 if the handler cannot be loaded or no more
 * events can be received, and with 64 if it cannot be loaded after a restore ({@link SnapStart});
 * the platform then starts a new environment.
 */
public final class Main {
  /** Set by the bootstrap of a zip with an AOT cache. */
  private static final String AOT_CACHE = "skein.aotCache";

  /** What AWS's runtime client exits with when an environment cannot be used after a restore. */
  private static final int RESTORE_FAILED = 64;

  private Main() {}

  /** Runs until the process is terminated. The arguments are ignored. */
  public static void main(String[] arguments) {
    var log = RuntimeLog.standard();
    if (System.getProperty(AOT_CACHE) != null && !isSharing()) {
      log.aotCacheUnused();
    }
    Map<String, String> environment = System.getenv();
    String address = environment.get("AWS_LAMBDA_RUNTIME_API");
    if (address == null) {
      log.ending(
          "AWS_LAMBDA_RUNTIME_API is not set: this program runs only in a Lambda environment");
      System.exit(1);
      return;
    }
    try {
      RuntimeSettings settings = RuntimeSettings.from(environment);
      if (SnapStart.isOn(environment)) {
        SnapStart.awaitRestore(settings, new RuntimeApiClient(address, log));
      }
      serve(HandlerLoader.load(settings.handler()), settings, address, log);
    } catch (InitException e) {
      log.initFailed(e.report(), e);
      var api = new RuntimeApiClient(address, log);
      if (SnapStart.isRestored()) {
        api.failRestore(e.report());
        System.exit(RESTORE_FAILED);
      }
      api.failInit(e.report());
      System.exit(1);
    }
  }

  /** Whether the JVM has mapped an archive of classes, such as an AOT cache. */
  private static boolean isSharing() {
    return System.getProperty("java.vm.info", "").contains("sharing");
  }

  private static void serve(
      StreamingHandler handler, RuntimeSettings settings, String address, RuntimeLog log) {
    var shutdown = new Shutdown(handler, log);
    Runtime.getRuntime().addShutdownHook(new Thread(null, shutdown, "runtime-shutdown"));
    for (int count = 1; count < settings.workers(); count++) {
      var api = new RuntimeApiClient(address, log);
      var worker = new Worker(handler, settings, api, shutdown, log);
      // Platform threads: there are a few dozen at most, and a handler may block its carrier for
      // a long time, or be interrupted, which would close a virtual thread's socket.
      Thread thread = new Thread(null, new Run(worker), "worker-" + count);
      thread.setDaemon(true);
      thread.start();
    }
    var api = new RuntimeApiClient(address, log);
    new Run(new Worker(handler, settings, api, shutdown, log)).run();
  }

  private record Run(Worker worker) implements Runnable {
    @Override
    public void run() {
      if (worker.run()) {
        System.exit(1);
      }
    }
  }
}
