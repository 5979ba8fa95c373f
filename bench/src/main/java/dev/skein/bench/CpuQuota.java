package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The share of a CPU that Lambda gives to a function of 1,024 MB, as a limit by a cgroup. */
sealed interface CpuQuota extends AutoCloseable {

  /** vCPUs: 1,024 MB of the 1,769 MB that have one. */
  double VCPUS = 0.58;

  int PERIOD_MICROS = 20_000;
  int QUOTA_MICROS = (int) Math.round(VCPUS * PERIOD_MICROS);

  /**
   * Makes a group, if this machine permits it.
   *
   * @param cgroups where the kernel shows them, commonly {@code /sys/fs/cgroup}
   */
  static CpuQuota in(Path cgroups) {
    String name = "skein-bench-" + ProcessHandle.current().pid();
    try {
      for (String controller : List.of("cpu", "cpu,cpuacct")) {
        if (Files.exists(cgroups.resolve(controller).resolve("cpu.cfs_quota_us"))) {
          return version1(cgroups.resolve(controller).resolve(name));
        }
      }
      Path controllers = cgroups.resolve("cgroup.controllers");
      if (Files.exists(controllers) && names(controllers).contains("cpu")) {
        return version2(cgroups, cgroups.resolve(name));
      }
      return new NotPermitted("there is no CPU controller in " + cgroups);
    } catch (IOException e) {
      return new NotPermitted(e.toString());
    }
  }

  private static CpuQuota version1(Path group) throws IOException {
    Files.createDirectories(group);
    Files.writeString(group.resolve("cpu.cfs_period_us"), Integer.toString(PERIOD_MICROS));
    Files.writeString(group.resolve("cpu.cfs_quota_us"), Integer.toString(QUOTA_MICROS));
    return new Permitted(group);
  }

  private static CpuQuota version2(Path cgroups, Path group) throws IOException {
    Path delegated = cgroups.resolve("cgroup.subtree_control");
    if (!names(delegated).contains("cpu")) {
      Files.writeString(delegated, "+cpu");
    }
    Files.createDirectories(group);
    Files.writeString(group.resolve("cpu.max"), QUOTA_MICROS + " " + PERIOD_MICROS);
    return new Permitted(group);
  }

  private static List<String> names(Path file) throws IOException {
    return List.of(Files.readString(file).strip().split(" ", -1));
  }

  @Override
  void close();

  /** A group that limits the processes in it. */
  record Permitted(Path group) implements CpuQuota {

    /** Moves a process and its descendants into the group, for the rest of their lives. */
    void limit(long pid) throws IOException {
      for (long member : ProcessTree.of(pid)) {
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(member));
      }
    }

    @Override
    public void close() {
      try {
        Files.delete(group);
      } catch (IOException e) {
        Progress.print("The cgroup is left behind: " + e);
      }
    }
  }

  /**
   * Functions run unlimited.
   *
   * @param reason for a person
   */
  record NotPermitted(String reason) implements CpuQuota {
    @Override
    public void close() {}
  }
}
