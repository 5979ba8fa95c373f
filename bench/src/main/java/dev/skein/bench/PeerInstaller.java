package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Installs peers with their pinned packages, each into a folder as its zip would hold it. */
final class PeerInstaller {

  private static final String INSTALLED = ".installed";

  private final Path sources;
  private final Path target;
  private final Set<String> versions = new LinkedHashSet<>();
  private @Nullable Path python;
  private @Nullable Path node;

  /**
   * For the peers of one folder.
   *
   * @param target where they are installed, and found again by the next run
   */
  PeerInstaller(Path sources, Path target) {
    this.sources = sources;
    this.target = target.toAbsolutePath();
  }

  /** Names and versions of everything that was installed, as far as the peers name it. */
  List<String> versions() {
    return List.copyOf(versions);
  }

  /** The interpreter itself: a launcher in front of it would be part of the cold start. */
  Path python() throws IOException, InterruptedException {
    if (python == null) {
      String[] found =
          program(
                  "python3",
                  "-c",
                  "import sys; print(sys.executable); print(sys.version.split()[0])")
              .split("\n", -1);
      python = Path.of(found[0]);
      versions.add("Python " + found[1]);
    }
    return python;
  }

  /** The program of Node. */
  Path node() throws IOException, InterruptedException {
    if (node == null) {
      String[] found =
          program("node", "-p", "process.execPath + '\\n' + process.versions.node").split("\n", -1);
      node = Path.of(found[0]);
      versions.add("Node " + found[1]);
    }
    return node;
  }

  /** A peer with requirements.txt; the file {@code shared} lies in its folder or beside it. */
  Path python(String peer, String shared) throws IOException, InterruptedException {
    Path requirements = sources.resolve(peer).resolve("requirements.txt");
    Path program = python();
    Path root = root(peer);
    if (!isInstalled(root, requirements)) {
      Progress.print("Installing " + peer + " …");
      Folder.empty(root);
      Command.run(
          List.of(
              program.toString(),
              "-m",
              "pip",
              "install",
              "--quiet",
              "--disable-pip-version-check",
              "--root-user-action=ignore",
              "--target",
              root.toString(),
              "--requirement",
              requirements.toString()),
          Map.of());
      Files.copy(requirements, root.resolve(INSTALLED));
    }
    copy(peer, shared, root);
    Files.readAllLines(requirements).stream()
        .filter(line -> line.matches("(fastapi|mangum|openai|boto3|uvicorn|litellm)==.*"))
        .forEach(line -> versions.add(line.replace("==", " ")));
    return root;
  }

  /** A peer with package.json and its lock file. */
  Path node(String peer, String shared) throws IOException, InterruptedException {
    node();
    Path lock = sources.resolve(peer).resolve("package-lock.json");
    Path root = root(peer);
    if (!isInstalled(root, lock)) {
      Progress.print("Installing " + peer + " …");
      Folder.empty(root);
      copy(peer, shared, root);
      program("npm", "ci", "--no-audit", "--no-fund", "--prefix", root.toString());
      Files.copy(lock, root.resolve(INSTALLED));
    }
    copy(peer, shared, root);
    String sdk =
        program(
            "npm",
            "pkg",
            "get",
            "version",
            "--prefix",
            root.resolve("node_modules/@aws-sdk/client-sqs").toString());
    versions.add("@aws-sdk/client-sqs " + sdk.replace("\"", ""));
    return root;
  }

  private static String program(String... command) throws IOException, InterruptedException {
    return Command.run(List.of(command), Map.of());
  }

  private Path root(String peer) throws IOException {
    return Files.createDirectories(target.resolve(peer).resolve("task"));
  }

  private static boolean isInstalled(Path root, Path pins) throws IOException {
    Path installed = root.resolve(INSTALLED);
    return Files.exists(installed) && Files.mismatch(installed, pins) < 0;
  }

  /** The peer's own files, and the one that it shares with others. */
  private void copy(String peer, String shared, Path root) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> own = Files.list(sources.resolve(peer))) {
      own.filter(Files::isRegularFile).forEach(files::add);
    }
    if (Files.exists(sources.resolve(shared))) {
      files.add(sources.resolve(shared));
    }
    for (Path file : files) {
      Files.copy(
          file,
          root.resolve(file.getFileName().toString()),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES);
    }
  }
}
