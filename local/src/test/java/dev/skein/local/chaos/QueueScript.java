package dev.skein.local.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.faults.FaultProxy;
import dev.skein.faults.ProxiedRequest;
import dev.skein.faults.ProxyFault;
import dev.skein.faults.RandomFaults;
import dev.skein.local.chaos.ChaosPlan.Kill;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What happens to messages on their way into the queue and out of it. Thread-safe. */
final class QueueScript implements FaultProxy.Script {
  private static final int BATCH_SIZE = 10;
  private static final int REMEMBERED = 1000;

  /** A function that does not wait for its record would reply, or serve another request. */
  private static final Duration HELD = Duration.ofMillis(300);

  private final ChaosPlan plan;
  private final Killer killer;
  private final TableScript table;
  private final RandomFaults sends;
  private final RandomFaults polls;
  private final AtomicInteger fullBatches = new AtomicInteger();
  private final List<String> queued = new ArrayList<>();
  private final List<String> poison;
  private volatile Consumer<String> hasten = _ -> {};
  private volatile boolean quiet;

  /**
   * What happens in a run.
   *
   * @param poison the planted messages, which are to fail often enough in a short time
   */
  QueueScript(ChaosPlan plan, Killer killer, TableScript table, List<String> poison) {
    this.poison = poison;
    this.plan = plan;
    this.killer = killer;
    this.table = table;
    this.sends = plan.sends();
    this.polls = plan.polls();
  }

  /** Sets how a received message, of which the receipt handle is given, is made visible early. */
  void hastenWith(Consumer<String> change) {
    hasten = change;
  }

  /** No more faults. */
  void stop() {
    quiet = true;
  }

  /** One of the last messages that the queue has got, for a duplicate. */
  synchronized Optional<String> queued(int choice) {
    return queued.isEmpty() ? Optional.empty() : Optional.of(queued.get(choice % queued.size()));
  }

  private synchronized void remember(String message, int slot) {
    if (queued.size() < REMEMBERED) {
      queued.add(message);
    } else {
      queued.set(slot % REMEMBERED, message);
    }
  }

  /** A message from a function. */
  private record Sent(ChaosPlan.Request request, String message, JsonNode record) {
    boolean is(Kill kill, String phase) {
      return request.kill() == kill && record.path("phase").asText().equals(phase);
    }
  }

  private Optional<Sent> sent(ProxiedRequest request) {
    if (!request.operation().equals("SendMessage")) {
      return Optional.empty();
    }
    String message = request.json().path("MessageBody").asText();
    var record = ProxiedRequest.json(message);
    var number = ChaosPlan.number(record.path("user_id").asText());
    return number.isEmpty()
        ? Optional.empty()
        : Optional.of(new Sent(plan.request(number.getAsInt()), message, record));
  }

  @Override
  public ProxyFault fault(ProxiedRequest request) throws InterruptedException {
    var sent = sent(request);
    if (sent.isPresent()) {
      return fault(request, sent.get());
    }
    boolean poll = List.of("ReceiveMessage", "DeleteMessageBatch").contains(request.operation());
    return poll && !quiet ? polls.next(request.operation()) : new ProxyFault.None();
  }

  private ProxyFault fault(ProxiedRequest request, Sent sent) throws InterruptedException {
    boolean held =
        sent.is(Kill.BEFORE_INTENT, "intent") || sent.is(Kill.BEFORE_COMPLETED, "completed");
    // A completed record before its intent: the function did not wait.
    if (held
        || sent.is(Kill.BEFORE_INTENT, "completed")
        || sent.is(Kill.MODEL_REPLIED, "completed")) {
      Thread.sleep(held ? HELD : Duration.ZERO);
      killer.kill(sent.request(), request.clientPort(), request.proxyPort());
      return new ProxyFault.ResetBefore();
    }
    if (sent.is(Kill.INTENT_QUEUED, "intent")
        || sent.is(Kill.COMPLETED_QUEUED, "completed")
        || quiet) {
      return new ProxyFault.None();
    }
    var fault =
        sends.next("send " + sent.request().number() + " " + sent.record().path("phase").asText());
    return fault instanceof ProxyFault.ReplaceBody ? late(request, sent) : fault;
  }

  /** A message that is delivered some seconds after it was queued. */
  private ProxyFault late(ProxiedRequest request, Sent sent) {
    int seconds = 1 + plan.random("late", sent.request().number()).nextInt(4);
    var body = (ObjectNode) request.json();
    return new ProxyFault.ReplaceBody(body.put("DelaySeconds", seconds).toString());
  }

  @Override
  public void processed(ProxiedRequest request, int status, String reply) {
    if (request.operation().equals("ReceiveMessage")) {
      received(request, reply);
    }
    var sent = sent(request);
    if (sent.isPresent() && status == 200) {
      remember(sent.get().message(), sent.get().request().number());
      if (sent.get().is(Kill.INTENT_QUEUED, "intent")
          || sent.get().is(Kill.COMPLETED_QUEUED, "completed")) {
        killer.kill(sent.get().request(), request.clientPort(), request.proxyPort());
      }
    }
  }

  @Override
  public void relayed(ProxiedRequest request) {
    sent(request)
        .filter(it -> it.is(Kill.INTENT_ACKNOWLEDGED, "intent"))
        .ifPresent(it -> killer.kill(it.request(), request.clientPort(), request.proxyPort()));
  }

  /** A reply that fills a batch is delivered as it is, so the last of its writes is known. */
  private void received(ProxiedRequest request, String reply) {
    var messages = ProxiedRequest.json(reply).path("Messages");
    for (JsonNode message : messages) {
      if (poison.contains(message.path("Body").asText())) {
        hasten.accept(message.path("ReceiptHandle").asText());
      }
    }
    if (request.json().path("MaxNumberOfMessages").asInt() != BATCH_SIZE
        || messages.size() != BATCH_SIZE
        || !plan.killsAfterBatch(fullBatches.incrementAndGet())) {
      return;
    }
    Set<String> records = new HashSet<>();
    for (JsonNode message : messages) {
      var record = ProxiedRequest.json(message.path("Body").asText());
      records.add(record.path("audit_id").asText() + record.path("phase").asText());
    }
    table.killAfter(records);
  }
}
