package dev.skein.local.poller;

import dev.skein.local.console.StackConsole;
import dev.skein.local.functions.Caller;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.functions.Invocation;
import dev.skein.local.functions.InvocationResult;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.QueueSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * The event source mapping of one queue: receives batches, invokes the function and deletes the
 * messages that it processed. Delivers at least once, as in the cloud.
 */
public final class Poller implements AutoCloseable {

  /** The cloud polls for 20 s; a short poll costs nothing here and allows a quick stop. */
  private static final int LONG_POLL_SECONDS = 1;

  private static final int RECEIVE_LIMIT = 10;
  private static final Duration AFTER_ERROR = Duration.ofSeconds(1);

  /** Longer than any invocation: twice the longest Timeout, for initialization and handler. */
  private static final Duration MAX_WAIT = Duration.ofMinutes(31);

  /**
   * A queue and the function that consumes it.
   *
   * @param concurrency the maximum number of batches in flight
   */
  public record Plan(
      QueueSource source,
      Deployment.Queue queue,
      String queueUrl,
      FunctionPool function,
      int concurrency) {}

  private enum State {
    POLLING,
    DRAINING,
    CLOSED
  }

  private final Plan plan;
  private final SqsClient sqs;
  private final StackConsole console;
  private final Semaphore slots;
  private final Thread loop;
  private volatile State state = State.POLLING;

  private Poller(Plan plan, SqsClient sqs, StackConsole console) {
    this.plan = plan;
    this.sqs = sqs;
    this.console = console;
    this.slots = new Semaphore(plan.concurrency());
    this.loop = Thread.ofVirtual().name("poller " + plan.queue().name()).unstarted(this::poll);
  }

  /**
   * Starts polling.
   *
   * @param sqs not closed by the poller
   */
  public static Poller start(Plan plan, SqsClient sqs, StackConsole console) {
    Poller poller = new Poller(plan, sqs, console);
    poller.loop.start();
    return poller;
  }

  /**
   * Delivers the messages that are in the queue and waits for batches in flight. Returns false if
   * that takes longer than {@code limit}.
   */
  public boolean drain(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    state = State.DRAINING;
    return loop.join(limit)
        && slots.tryAcquire(plan.concurrency(), end - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    state = State.CLOSED;
    loop.interrupt();
  }

  private void poll() {
    try {
      while (state != State.CLOSED) {
        boolean last = state == State.DRAINING;
        slots.acquire();
        List<Message> batch = receiveBatch();
        if (batch.isEmpty()) {
          slots.release();
          if (last) {
            return;
          }
        } else {
          Thread.ofVirtual().start(() -> deliver(batch));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for a message, and then until the batch is full or the window over. */
  private List<Message> receiveBatch() throws InterruptedException {
    List<Message> batch = new ArrayList<>(receive(LONG_POLL_SECONDS, plan.source().batchSize()));
    long end = System.nanoTime() + plan.source().window().toNanos();
    while (!batch.isEmpty()
        && batch.size() < plan.source().batchSize()
        && state == State.POLLING
        && System.nanoTime() < end) {
      long left = end - System.nanoTime();
      int wait = left >= TimeUnit.SECONDS.toNanos(LONG_POLL_SECONDS) ? LONG_POLL_SECONDS : 0;
      List<Message> more = receive(wait, plan.source().batchSize() - batch.size());
      batch.addAll(more);
      if (more.isEmpty() && wait == 0) {
        Thread.sleep(Math.min(50, Math.max(0, TimeUnit.NANOSECONDS.toMillis(left))));
      }
    }
    return batch;
  }

  private List<Message> receive(int waitSeconds, int most) throws InterruptedException {
    try {
      return sqs.receiveMessage(
              r ->
                  r.queueUrl(plan.queueUrl())
                      .maxNumberOfMessages(Math.min(RECEIVE_LIMIT, most))
                      .waitTimeSeconds(state == State.POLLING ? waitSeconds : 0)
                      .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                      .messageAttributeNames("All"))
          .messages();
    } catch (SdkException e) {
      if (state == State.POLLING) {
        console.problem("%s cannot be polled: %s".formatted(plan.queue().name(), e.getMessage()));
      }
      Thread.sleep(AFTER_ERROR);
      return List.of();
    }
  }

  private void deliver(List<Message> batch) {
    try {
      deliverWhole(batch);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SdkException e) {
      console.problem(
          "%s: processed messages could not be deleted and will be delivered again: %s"
              .formatted(plan.queue().name(), e.getMessage()));
    } finally {
      slots.release();
    }
  }

  /** Splits a batch that is too large for one event. */
  private void deliverWhole(List<Message> batch) throws InterruptedException {
    byte[] event = SqsEventJson.of(batch, plan.queue().name());
    if (event.length > FunctionPool.EVENT_LIMIT && batch.size() > 1) {
      deliverWhole(batch.subList(0, batch.size() / 2));
      deliverWhole(batch.subList(batch.size() / 2, batch.size()));
      return;
    }
    long start = System.nanoTime();
    Invocation invocation = plan.function().invoke(event, Caller.patient(MAX_WAIT));
    if (invocation.result() instanceof InvocationResult.Streamed stream) {
      stream.abandon();
    }
    Set<String> ids = batch.stream().map(Message::messageId).collect(Collectors.toSet());
    BatchResult verdict =
        BatchResult.of(invocation.result(), ids, plan.source().reportBatchItemFailures());
    delete(batch.stream().filter(m -> !verdict.failed().contains(m.messageId())).toList());
    report(batch, verdict, Duration.ofNanos(System.nanoTime() - start));
  }

  private void delete(List<Message> done) {
    for (int from = 0; from < done.size(); from += RECEIVE_LIMIT) {
      var part = done.subList(from, Math.min(done.size(), from + RECEIVE_LIMIT));
      // Not by message ID: a message that became visible again within the window is there twice.
      List<DeleteMessageBatchRequestEntry> entries =
          IntStream.range(0, part.size())
              .mapToObj(
                  index ->
                      DeleteMessageBatchRequestEntry.builder()
                          .id(Integer.toString(index))
                          .receiptHandle(part.get(index).receiptHandle())
                          .build())
              .toList();
      sqs.deleteMessageBatch(r -> r.queueUrl(plan.queueUrl()).entries(entries))
          .failed()
          .forEach(
              entry ->
                  console.problem(
                      "%s: message %s could not be deleted and will be delivered again: %s"
                          .formatted(
                              plan.queue().name(),
                              part.get(Integer.parseInt(entry.id())).messageId(),
                              entry.message())));
    }
  }

  private void report(List<Message> batch, BatchResult verdict, Duration took) {
    int failed = verdict.failed().size();
    String text =
        "%d of %d %s delivered%s"
            .formatted(
                batch.size() - failed,
                batch.size(),
                batch.size() == 1 ? "message" : "messages",
                verdict.why().isEmpty() ? "" : ", none deleted: " + verdict.why());
    console.batch(plan.queue().name(), text, failed == 0, took, plan.function().name());
    plan.queue().redrive().ifPresent(redrive -> reportLastReceives(batch, verdict, redrive));
  }

  private void reportLastReceives(
      List<Message> batch, BatchResult verdict, Deployment.Redrive redrive) {
    for (Message message : batch) {
      String receives =
          message.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT);
      if (verdict.failed().contains(message.messageId())
          && receives != null
          && Integer.parseInt(receives) >= redrive.maxReceiveCount()) {
        console.problem(
            "%s: message %s failed %s times and moves to %s"
                .formatted(
                    plan.queue().name(), message.messageId(), receives, redrive.deadLetterQueue()));
      }
    }
  }
}
