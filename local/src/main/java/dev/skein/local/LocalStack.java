package dev.skein.local;

import static java.util.Objects.requireNonNull;

import dev.skein.local.console.StackConsole;
import dev.skein.local.console.StartupException;
import dev.skein.local.containers.DockerBridgeRelay;
import dev.skein.local.front.FrontDoor;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.poller.Poller;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.services.Clients;
import dev.skein.local.services.LocalServices;
import dev.skein.local.services.Ports;
import dev.skein.local.services.ResourceProvisioner;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.TemplateException;
import dev.skein.local.template.TemplateReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A deployment, running on this machine: its API on a loopback port, its functions as child
 * processes, its queues and tables in parts. Several can run in one process. Closing it ends every
 * process it started, in order and within ten seconds. Thread-safe.
 */
public final class LocalStack implements AutoCloseable {

  private static final int STEPS = 4;

  /** As in the cloud. */
  private static final Duration FUNCTION_INIT = Duration.ofSeconds(10);

  private static final int BODIES_KIB = 64 * 1024;
  private static final Duration REQUESTS_MAY_END = Duration.ofSeconds(4);

  /** Requests included: what they leave of it is the queues'. */
  private static final Duration QUEUES_MAY_DRAIN = Duration.ofSeconds(6);

  private final LocalSettings settings;
  private final Deployment deployment;
  private final Path root;
  private final Map<String, String> shell;
  private final StackConsole console;
  private final ShutdownSequence stops;
  private final AtomicInteger step = new AtomicInteger();
  private final Map<String, FunctionPool> functions = new LinkedHashMap<>();
  private ModelChoice model;
  private LocalServices parts;
  private volatile long drainUntil;
  private FrontDoor frontDoor;

  @SuppressWarnings("NullAway.Init") // start() sets the rest before anyone sees the object
  private LocalStack(
      LocalSettings settings,
      Deployment deployment,
      Path root,
      Map<String, String> shell,
      StackConsole console) {
    this.settings = settings;
    this.deployment = deployment;
    this.root = root.toAbsolutePath().normalize();
    this.shell = new HashMap<>(shell);
    this.console = console;
    this.stops = new ShutdownSequence(console);
  }

  /**
   * Starts everything that the template declares; the API answers when it returns.
   *
   * @param template its folder is the project's, where the functions and the parts were built
   * @param shell the person's environment variables
   * @throws StartupException when something is missing or in the way; nothing is left running
   * @throws TemplateException when the template cannot be run here
   */
  public static LocalStack start(
      LocalSettings settings, Path template, Map<String, String> shell, StackConsole console)
      throws InterruptedException {
    Path file = template.toAbsolutePath();
    Deployment deployment = TemplateReader.read(file);
    return start(settings, deployment, file.resolveSibling(""), shell, console);
  }

  /**
   * Starts a deployment that need not come from a template.
   *
   * @param root the project's folder
   */
  static LocalStack start(
      LocalSettings settings,
      Deployment deployment,
      Path root,
      Map<String, String> shell,
      StackConsole console)
      throws InterruptedException {
    if (!System.getProperty("os.name").equals("Linux")) {
      throw new StartupException(
          "The Lambda runtime interface client has native code for Linux only: start this in a"
              + " Linux container, a virtual machine or WSL 2.");
    }
    LocalStack stack = new LocalStack(settings, deployment, root, shell, console);
    try {
      stack.startAll();
      return stack;
    } catch (Throwable t) {
      stack.stops.runQuietly();
      throw t;
    }
  }

  /** Where the API answers; no path. */
  public URI api() {
    return frontDoor.uri();
  }

  /** Where SQS answers. */
  public URI sqs() {
    return parts.sqs();
  }

  /** Where DynamoDB answers. */
  public URI dynamoDb() {
    return parts.dynamoDb();
  }

  /** The process ids of a function's environments, at this moment. */
  public List<Long> environmentPids(String function) {
    FunctionPool pool = functions.get(function);
    if (pool == null) {
      throw new IllegalArgumentException("no function is called " + function);
    }
    return pool.pids();
  }

  /** The process ids of the queue and the table, as far as they were started here. */
  public List<Long> partPids() {
    return parts.pids();
  }

  Deployment deployment() {
    return deployment;
  }

  /** Which model answers, in words for a person. */
  String model() {
    return model.told();
  }

  /** Requests end, queues drain, functions and parts stop; told step by step on the console. */
  @Override
  public void close() {
    drainUntil = System.nanoTime() + QUEUES_MAY_DRAIN.toNanos();
    stops.run();
  }

  private void startAll() throws InterruptedException {
    RunFolder folder = RunFolder.create(root, settings.dataFolder());
    stops.add("", folder::close);
    ChildProcesses children = ChildProcesses.guarded();
    stops.add("", children::close);
    Ports.claim(settings.port(), "PORT");

    long start = System.nanoTime();
    parts = LocalServices.start(partsPlan(folder), shell, children, console);
    stops.add("The queue and the table have stopped", parts::close);
    tell(parts.description(), start);

    start = System.nanoTime();
    SqsClient sqs = Clients.sqs(parts.sqs());
    stops.add("", sqs::close);
    Map<String, String> addresses;
    try (DynamoDbClient dynamoDb = Clients.dynamoDb(parts.dynamoDb())) {
      addresses = ResourceProvisioner.create(deployment, sqs, dynamoDb);
    }
    tell(counted(deployment.queues().size(), "queue", deployment.tables().size(), "table"), start);

    start = System.nanoTime();
    startModel();
    openFunctions(folder, children, addresses);
    startPollers(sqs, addresses);
    tell(counted(functions.size(), "function", pollers(), "queue poller"), start);

    start = System.nanoTime();
    frontDoor = openFrontDoor();
    stops.add("The API has stopped", frontDoor::close);
    openDockerBridgeRelay();
    tell("API on " + frontDoor.uri(), start);
  }

  private LocalServices.Plan partsPlan(RunFolder folder) {
    return new LocalServices.Plan(
        root.resolve("local/parts"),
        settings.queuePort(),
        settings.tablePort(),
        folder.work(),
        folder.logs(),
        settings.dataFolder());
  }

  private void startModel() {
    model = ModelChoice.of(deployment, shell, settings);
    model.localUrl().ifPresent(url -> shell.put(ModelChoice.BASE_URL, url));
    String told = model.localUrl().isEmpty() ? "" : "The model has stopped";
    stops.add(told, model::close);
  }

  private void openFunctions(
      RunFolder folder, ChildProcesses children, Map<String, String> addresses) {
    FunctionPool.Context world =
        new FunctionPool.Context(
            root.resolve("local/parts/runtime/target/lib"),
            folder.work(),
            shell,
            addresses,
            Map.of(
                "AWS_ENDPOINT_URL_SQS", parts.sqs().toString(),
                "AWS_ENDPOINT_URL_DYNAMODB", parts.dynamoDb().toString()));
    FunctionPool.Limits limits =
        new FunctionPool.Limits(settings.maxEnvironments(), settings.maxWaiting(), FUNCTION_INIT);
    stops.add("The functions have stopped", () -> ShutdownSequence.together(functions.values()));
    for (Deployment.Function function : deployment.functions()) {
      functions.put(function.name(), FunctionPool.open(function, world, limits, children, console));
    }
  }

  private void startPollers(SqsClient sqs, Map<String, String> addresses) {
    List<Poller> pollers = new ArrayList<>();
    stops.add("The queues are drained", () -> drain(pollers));
    for (Deployment.Function function : deployment.functions()) {
      for (QueueSource source : function.queueSources()) {
        pollers.add(Poller.start(pollerPlan(function, source, addresses), sqs, console));
      }
    }
  }

  private Poller.Plan pollerPlan(
      Deployment.Function function, QueueSource source, Map<String, String> addresses) {
    Deployment.Queue queue =
        deployment.queues().stream()
            .filter(one -> one.name().equals(source.queue()))
            .findFirst()
            .orElseThrow();
    return new Poller.Plan(
        source,
        queue,
        requireNonNull(addresses.get(queue.name())),
        requireNonNull(functions.get(function.name())),
        Math.min(
            settings.maxEnvironments(),
            source.maximumConcurrency().orElse(settings.maxEnvironments())));
  }

  /** What arrived is delivered, so that no record of a reply stays behind. */
  private void drain(List<Poller> pollers) throws InterruptedException {
    for (Poller poller : pollers) {
      if (!poller.drain(Duration.ofNanos(Math.max(1, drainUntil - System.nanoTime())))) {
        console.problem("A queue could not be drained in time; its messages stay in it.");
      }
      poller.close();
    }
  }

  private FrontDoor openFrontDoor() {
    List<FrontDoor.Target> targets = new ArrayList<>();
    for (Deployment.Function function : deployment.functions()) {
      for (Deployment.Route route : function.routes()) {
        targets.add(new FrontDoor.Target(route, requireNonNull(functions.get(function.name()))));
      }
    }
    return FrontDoor.open(
        new FrontDoor.Plan(settings.port(), settings.patience(), REQUESTS_MAY_END, BODIES_KIB),
        targets,
        deployment.gatewayResponses(),
        console);
  }

  /** Functions that sam runs in a container find the parts too. */
  private void openDockerBridgeRelay() {
    List<URI> loopback = new ArrayList<>(List.of(parts.sqs(), parts.dynamoDb()));
    model.localUrl().map(URI::create).ifPresent(loopback::add);
    try {
      DockerBridgeRelay.onDockerBridge(loopback).ifPresent(door -> stops.add("", door::close));
    } catch (IOException e) {
      console.problem("Containers do not reach the parts of this stack: " + e.getMessage());
    }
  }

  private int pollers() {
    return deployment.functions().stream().mapToInt(f -> f.queueSources().size()).sum();
  }

  private void tell(String text, long since) {
    console.step(
        "[%d/%d]".formatted(step.incrementAndGet(), STEPS),
        text,
        Duration.ofNanos(System.nanoTime() - since));
  }

  private static String counted(int first, String firstNoun, int second, String secondNoun) {
    return "%d %s, %d %s"
        .formatted(
            first, first == 1 ? firstNoun : firstNoun + "s",
            second, second == 1 ? secondNoun : secondNoun + "s");
  }
}
