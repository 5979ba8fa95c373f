package dev.skein.runtime;

import java.util.Map;

/**
 * The process of an execution environment: makes the handler that {@code _HANDLER} names, and hands
 * it event after event. Ends with exit code 1 when the handler cannot be made or no more events can
 * be got; the platform then starts a new environment.
 */
public final class Main {
  private Main() {}

  /** Runs until the process is told to end. The arguments are not read. */
  public static void main(String[] arguments) {
    var log = RuntimeLog.standard();
    Map<String, String> environment = System.getenv();
    String address = environment.get("AWS_LAMBDA_RUNTIME_API");
    if (address == null) {
      log.ending(
          "AWS_LAMBDA_RUNTIME_API is not set; only Lambda, or what plays it, can start this");
      System.exit(1);
      return;
    }
    try {
      RuntimeSettings settings = RuntimeSettings.from(environment);
      serve(Entry.load(settings.handler()), settings, address, log);
    } catch (StartException e) {
      log.startFailed(e.failure(), e);
      new RuntimeClient(address, log).failStart(e.failure());
      System.exit(1);
    }
  }

  private static void serve(Entry entry, RuntimeSettings settings, String address, RuntimeLog log) {
    var shutdown = new Shutdown(entry.handler(), log);
    Runtime.getRuntime().addShutdownHook(new Thread(null, shutdown, "runtime-shutdown"));
    for (int count = 1; count < settings.workers(); count++) {
      Worker worker = new Worker(entry, settings, new RuntimeClient(address, log), shutdown, log);
      // Platform threads: there are some dozens at most, and a handler may hold its carrier for
      // long, or be interrupted, which would close a virtual thread's socket.
      Thread thread = new Thread(null, new Run(worker), "worker-" + count);
      thread.setDaemon(true);
      thread.start();
    }
    run(new Worker(entry, settings, new RuntimeClient(address, log), shutdown, log));
  }

  private static void run(Worker worker) {
    if (worker.run()) {
      System.exit(1);
    }
  }

  private record Run(Worker worker) implements Runnable {
    @Override
    public void run() {
      Main.run(worker);
    }
  }
}
