package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a folder that stands for the kernel's. */
class CpuQuotaTest {

  @TempDir private Path cgroups;

  private Path group;

  @BeforeEach
  void nameTheGroup() {
    group = Path.of("skein-bench-" + ProcessHandle.current().pid());
  }

  @Test
  void versionOneHasAQuotaAndAPeriod() throws Exception {
    Path controller = Files.createDirectory(cgroups.resolve("cpu"));
    Files.writeString(controller.resolve("cpu.cfs_quota_us"), "-1");

    assertThat(CpuQuota.in(cgroups)).isInstanceOf(CpuQuota.Permitted.class);
    assertThat(controller.resolve(group).resolve("cpu.cfs_quota_us")).hasContent("11600");
    assertThat(controller.resolve(group).resolve("cpu.cfs_period_us")).hasContent("20000");
  }

  @Test
  void versionTwoHasBothInOneFileAndPassesTheControllerOn() throws Exception {
    Files.writeString(cgroups.resolve("cgroup.controllers"), "cpuset cpu memory\n");
    Files.writeString(cgroups.resolve("cgroup.subtree_control"), "cpuset memory\n");

    assertThat(CpuQuota.in(cgroups)).isInstanceOf(CpuQuota.Permitted.class);
    assertThat(cgroups.resolve("cgroup.subtree_control")).hasContent("+cpu");
    assertThat(cgroups.resolve(group).resolve("cpu.max")).hasContent("11600 20000");
  }

  @Test
  void aProcessIsMovedIntoTheGroup() throws Exception {
    Files.createDirectory(cgroups.resolve(group));
    var quota = new CpuQuota.Permitted(cgroups.resolve(group));
    long self = ProcessHandle.current().pid();

    quota.limit(self);

    assertThat(cgroups.resolve(group).resolve("cgroup.procs")).hasContent(Long.toString(self));
  }

  @Test
  void withoutACpuControllerNothingIsPermittedAndTheReasonIsGiven() throws Exception {
    Files.writeString(cgroups.resolve("cgroup.controllers"), "cpuset memory\n");

    assertThat(CpuQuota.in(cgroups))
        .isEqualTo(new CpuQuota.NotPermitted("there is no CPU controller in " + cgroups));
  }

  @Test
  void aGroupThatCannotBeMadeIsNotPermitted() throws Exception {
    Path controller = Files.createDirectory(cgroups.resolve("cpu"));
    Files.writeString(controller.resolve("cpu.cfs_quota_us"), "-1");
    Files.writeString(controller.resolve(group), "a file in the place of the group");

    assertThat(CpuQuota.in(cgroups)).isInstanceOf(CpuQuota.NotPermitted.class);
  }
}
