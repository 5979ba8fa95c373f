package dev.skein.local.poller;

import static java.util.Objects.requireNonNull;

import dev.skein.local.console.StackConsole;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.QueueSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The pollers of all functions.
 *
 * @param all one for each queue of a function
 * @param console for what cannot be drained
 */
public record Pollers(List<Poller> all, StackConsole console) {

  public Pollers {
    all = List.copyOf(all);
  }

  /**
   * Starts a poller for each queue of each function.
   *
   * @param queueUrls by logical ID
   * @param concurrency the maximum number of batches of a queue in flight
   * @param sqs not closed by the pollers
   */
  public static Pollers start(
      Deployment deployment,
      Collection<FunctionPool> functions,
      Map<String, String> queueUrls,
      int concurrency,
      SqsClient sqs,
      StackConsole console) {
    List<Poller> pollers = new ArrayList<>();
    for (FunctionPool pool : functions) {
      for (QueueSource source : pool.function().queueSources()) {
        Poller.Plan plan =
            new Poller.Plan(
                source,
                deployment.queue(source.queue()),
                requireNonNull(queueUrls.get(source.queue())),
                pool,
                Math.min(concurrency, source.maximumConcurrency().orElse(Integer.MAX_VALUE)));
        pollers.add(Poller.start(plan, sqs, console));
      }
    }
    return new Pollers(pollers, console);
  }

  /**
   * Delivers the messages that have arrived, so that no audit record is left in the queue; then
   * stops.
   *
   * @param end when to give up, as a {@link System#nanoTime}
   */
  public void drain(long end) throws InterruptedException {
    for (Poller poller : all) {
      if (!poller.drain(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
        console.problem("A queue could not be drained in time. Its messages stay in the queue.");
      }
      poller.close();
    }
  }
}
