package dev.skein.local;

import dev.skein.local.console.StackConsole;
import dev.skein.local.console.StartupException;
import dev.skein.local.containers.DockerBridgeRelay;
import dev.skein.local.front.FrontDoor;
import dev.skein.local.front.Guard;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.functions.FunctionPools;
import dev.skein.local.model.OfflineModel;
import dev.skein.local.poller.Pollers;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.services.Clients;
import dev.skein.local.services.LocalServices;
import dev.skein.local.services.Ports;
import dev.skein.local.services.ResourceProvisioner;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.TemplateException;
import dev.skein.local.template.TemplateReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A deployment that runs on this machine: its API on a loopback port, its functions as child
 * processes, its queues and tables in local services. Several can run in one JVM. Closing it stops
 * every process that it started, in order and within ten seconds. Thread-safe.
 */
public final class LocalStack implements AutoCloseable {

  /** As in the cloud. */
  private static final Duration INIT_LIMIT = Duration.ofSeconds(10);

  /** The longest route timeout. */
  private static final Duration MAX_WAIT = Duration.ofMinutes(15);

  /** Events that wait for one function's environments. */
  private static final int MAX_WAITING = 1000;

  /** Longer than clients keep idle connections, Go's 90 s for example: so they close first. */
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(2);

  private static final int BODIES_KIB = 64 * 1024;
  private static final Duration REQUEST_DRAIN_LIMIT = Duration.ofSeconds(4);

  /** Includes the time for requests. */
  private static final Duration QUEUE_DRAIN_LIMIT = Duration.ofSeconds(6);

  private final LocalSettings settings;
  private final Deployment deployment;
  private final Path root;
  private final Map<String, String> shell;
  private final StackConsole console;
  private final ShutdownSequence shutdown;
  private final AtomicInteger step = new AtomicInteger();
  private ModelChoice model;
  private LocalServices services;
  private FunctionPools functions;
  private volatile long drainUntil;
  private FrontDoor frontDoor;
  private Optional<String> bridge = Optional.empty();

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
    this.shutdown = new ShutdownSequence(console);
  }

  /**
   * Starts everything that the template declares; returns when the API accepts requests.
   *
   * @param template in the project's folder, where the functions and the services were built
   * @param shell the user's environment variables
   * @throws StartupException if it cannot start; nothing is left running
   * @throws TemplateException if the template cannot be run locally
   */
  public static LocalStack start(
      LocalSettings settings, Path template, Map<String, String> shell, StackConsole console)
      throws InterruptedException {
    Path file = template.toAbsolutePath();
    Deployment deployment = TemplateReader.read(file);
    return start(settings, deployment, file.resolveSibling(""), shell, console);
  }

  /**
   * Starts a deployment.
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
          "The Lambda runtime interface client runs on Linux only. Use a Linux container, a virtual"
              + " machine or WSL 2.");
    }
    LocalStack stack = new LocalStack(settings, deployment, root, shell, console);
    try {
      stack.startAll();
      return stack;
    } catch (Throwable t) {
      stack.stop(true);
      throw t;
    }
  }

  /** The URL of the API, without a path. */
  public URI api() {
    return frontDoor.uri();
  }

  /** The SQS endpoint. */
  public URI sqs() {
    return services.sqs();
  }

  /** The DynamoDB endpoint. */
  public URI dynamoDb() {
    return services.dynamoDb();
  }

  /** The process IDs of a function's current environments. */
  public List<Long> environmentPids(String function) {
    return functions.get(function).pids();
  }

  /** The process IDs of the services that were started here. */
  public List<Long> servicePids() {
    return services.pids();
  }

  Deployment deployment() {
    return deployment;
  }

  /** Which model replies, for the console. */
  String model() {
    return model.description();
  }

  /** The check of the model's server, which has started. */
  CompletableFuture<Optional<String>> checkModel() {
    return model.check().get();
  }

  /**
   * Starts an environment of each function that calls a model, because its settings are read there.
   *
   * @throws StartupException if a setting is invalid; nothing is left running
   */
  void initializeFunctions() throws InterruptedException {
    String failures =
        functions.initialize(it -> it.environment().containsKey(ModelChoice.BASE_URL));
    if (!failures.isEmpty()) {
      stop(true);
      throw new StartupException(failures);
    }
  }

  /** Finishes requests, drains queues, then stops functions and services. */
  @Override
  public void close() {
    stop(false);
  }

  private void stop(boolean quietly) {
    drainUntil = System.nanoTime() + QUEUE_DRAIN_LIMIT.toNanos();
    shutdown.run(quietly);
  }

  private void startAll() throws InterruptedException {
    RunFolder folder = RunFolder.create(root, settings.dataFolder());
    shutdown.add("", folder::close);
    ChildProcesses children = ChildProcesses.guarded();
    shutdown.add("", children::close);
    Ports.claim(settings.port(), "PORT");

    long start = System.nanoTime();
    LocalServices.Plan plan =
        new LocalServices.Plan(
            root.resolve("local/parts"),
            settings.queuePort(),
            settings.tablePort(),
            folder.work(),
            folder.logs(),
            settings.dataFolder());
    services = LocalServices.start(plan, shell, children, console);
    shutdown.add("Queue and table services stopped", services::close);
    step(services.description(), start);

    start = System.nanoTime();
    SqsClient sqs = Clients.sqs(services.sqs());
    shutdown.add("", sqs::close);
    Map<String, String> addresses;
    try (DynamoDbClient dynamoDb = Clients.dynamoDb(services.dynamoDb())) {
      addresses = ResourceProvisioner.create(deployment, sqs, dynamoDb);
    }
    step(count(deployment.queues(), "queue") + ", " + count(deployment.tables(), "table"), start);

    start = System.nanoTime();
    startModel(folder);
    functions = openFunctions(folder, children, addresses);
    shutdown.add("Functions stopped", functions::close);
    Pollers pollers =
        Pollers.start(
            deployment, functions.all(), addresses, settings.maxEnvironments(), sqs, console);
    shutdown.add("Queues drained", () -> pollers.drain(drainUntil));
    step(count(functions.all(), "function") + ", " + count(pollers.all(), "queue poller"), start);

    start = System.nanoTime();
    frontDoor = openFrontDoor();
    shutdown.add("API stopped", frontDoor::close);
    if (settings.dockerBridge()) {
      openDockerBridgeRelay();
    }
    step("API on " + frontDoor.uri(), start);
  }

  private void startModel(RunFolder folder) {
    // The template's secret is in AWS; here the key is a variable, or there is none.
    shell.putIfAbsent("OPENAI_API_KEY_SECRET_ARN", "");
    ModelChoice.resolvePricesFile(shell);
    model = ModelChoice.of(deployment, shell, settings);
    model
        .localUrl()
        .ifPresent(
            url -> {
              shell.put(ModelChoice.BASE_URL, url);
              shell.putIfAbsent(ModelChoice.EMBEDDING_MODELS, OfflineModel.EMBEDDING_MODELS);
              shell.putIfAbsent(
                  ModelChoice.PRICES_FILE, folder.write("prices.txt", OfflineModel.PRICES));
            });
    shutdown.add(model.localUrl().isEmpty() ? "" : "Model stopped", model::close);
  }

  private FunctionPools openFunctions(
      RunFolder folder, ChildProcesses children, Map<String, String> addresses) {
    FunctionPool.Context context =
        new FunctionPool.Context(
            root.resolve("local/parts/runtime/target/lib"),
            folder.work(),
            shell,
            addresses,
            Map.of(
                "AWS_ENDPOINT_URL_SQS", services.sqs().toString(),
                "AWS_ENDPOINT_URL_DYNAMODB", services.dynamoDb().toString()));
    FunctionPool.Limits limits =
        new FunctionPool.Limits(settings.maxEnvironments(), MAX_WAITING, INIT_LIMIT);
    return FunctionPools.open(deployment.functions(), context, limits, children, console);
  }

  private FrontDoor openFrontDoor() {
    List<FrontDoor.Target> targets = new ArrayList<>();
    for (FunctionPool pool : functions.all()) {
      pool.function().routes().forEach(route -> targets.add(new FrontDoor.Target(route, pool)));
    }
    return FrontDoor.open(
        new FrontDoor.Plan(
            settings.port(),
            MAX_WAIT,
            settings.environmentWait(),
            IDLE_LIMIT,
            REQUEST_DRAIN_LIMIT,
            BODIES_KIB),
        targets,
        deployment.gatewayResponses(),
        new Guard(
            settings.apiKeys(),
            settings.iamAccessKeys(),
            deployment.limits(),
            InstantSource.system(),
            System::nanoTime),
        console);
  }

  /** Makes the services reachable for functions that sam runs in containers. */
  private void openDockerBridgeRelay() {
    List<URI> loopback = new ArrayList<>(List.of(services.sqs(), services.dynamoDb()));
    model.localUrl().map(URI::create).ifPresent(loopback::add);
    try {
      Optional<DockerBridgeRelay> relay = DockerBridgeRelay.onDockerBridge(loopback);
      if (relay.isEmpty()) {
        console.problem("DOCKER_BRIDGE is on, but this machine has no bridge of Docker.");
        return;
      }
      shutdown.add("", relay.get()::close);
      bridge = Optional.of(relay.get().address().getHostAddress());
    } catch (IOException e) {
      console.problem("Containers cannot reach this stack's services: " + e.getMessage());
    }
  }

  /** The address of Docker's bridge, if the services listen there too. */
  Optional<String> bridge() {
    return bridge;
  }

  private void step(String text, long since) {
    console.step(
        "[%d/4]".formatted(step.incrementAndGet()),
        text,
        Duration.ofNanos(System.nanoTime() - since));
  }

  private static String count(Collection<?> items, String noun) {
    return items.size() + " " + noun + (items.size() == 1 ? "" : "s");
  }
}
