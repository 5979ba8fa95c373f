package dev.skein.local.chaos;

import dev.skein.faults.FaultProxy;
import dev.skein.faults.ProxiedRequest;
import dev.skein.faults.ProxyFault;
import dev.skein.faults.RandomFaults;
import dev.skein.local.chaos.ChaosPlan.ConsumerKill;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What happens to the consumer's writes. Thread-safe. */
final class TableScript implements FaultProxy.Script {
  private final ChaosPlan plan;
  private final Killer killer;
  private final RandomFaults writes;
  private final Map<String, ConsumerKill> kills = new ConcurrentHashMap<>();
  private final List<Set<String>> batches = new ArrayList<>();
  private volatile boolean quiet;

  TableScript(ChaosPlan plan, Killer killer) {
    this.plan = plan;
    this.killer = killer;
    this.writes = plan.writes();
  }

  /** No more faults. */
  void stop() {
    quiet = true;
  }

  /**
   * The consumer will be killed when all of these records are written.
   *
   * @param records the audit ID and the phase of each
   */
  synchronized void killAfter(Set<String> records) {
    batches.add(records);
  }

  /** Whether this is the last record of one of the batches. */
  private synchronized boolean isLast(String record) {
    batches.forEach(batch -> batch.remove(record));
    return batches.removeIf(Set::isEmpty);
  }

  private static String text(ProxiedRequest request, String attribute) {
    return request.json().path("Item").path(attribute).path("S").asText();
  }

  /** What is written, independent of its audit ID. */
  private static String record(ProxiedRequest request) {
    String user = text(request, "user_id");
    return user.isEmpty()
        ? "write %s %s".formatted(text(request, "pk"), text(request, "sk"))
        : "write %s %s".formatted(user, text(request, "phase"));
  }

  @Override
  public ProxyFault fault(ProxiedRequest request) {
    if (!request.operation().equals("PutItem") || quiet) {
      return new ProxyFault.None();
    }
    String record = record(request);
    // A record is stored in several attempts, and the first decides.
    var kill = kills.merge(record, plan.consumerKill(record), (_, _) -> ConsumerKill.NEVER);
    if (kill == ConsumerKill.BEFORE_WRITE) {
      killer.kill(kill, request.clientPort(), request.proxyPort());
      return new ProxyFault.ResetBefore();
    }
    return kill == ConsumerKill.NEVER ? writes.next(record) : new ProxyFault.None();
  }

  @Override
  public void processed(ProxiedRequest request, int status, String reply) {
    if (!request.operation().equals("PutItem") || quiet) {
      return;
    }
    // A failed condition is an end of the record, too: it is a duplicate.
    if (isLast(text(request, "audit_id") + text(request, "phase"))) {
      killer.kill(ConsumerKill.LAST_WRITTEN, request.clientPort(), request.proxyPort());
    } else {
      killAt(ConsumerKill.WRITTEN, request);
    }
  }

  @Override
  public void relayed(ProxiedRequest request) {
    killAt(ConsumerKill.ACKNOWLEDGED, request);
  }

  private void killAt(ConsumerKill moment, ProxiedRequest request) {
    if (request.operation().equals("PutItem")
        && kills.replace(record(request), moment, ConsumerKill.NEVER)) {
      killer.kill(moment, request.clientPort(), request.proxyPort());
    }
  }
}
