package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.skein.local.house.BillOfMaterials.Component;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.thirdparty.jackson.core.Version;
import software.amazon.awssdk.thirdparty.jackson.core.json.PackageVersion;

/**
 * The bill of materials beside each archive lists what the archive contains, and nothing else; and
 * the licenses allow it to be distributed.
 */
class BillOfMaterialsTest {
  /** Without conditions for the code that uses a library. */
  private static final Set<String> ALLOWED_LICENSES =
      Set.of("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0");

  private static final List<String> MODULES = List.of("functions", "shared", "tools");
  private static final String TOOLS = "tools/target/skein-audit";

  @ParameterizedTest
  @ValueSource(strings = {"analyze", "audit", "authorizer", "chat", "docs"})
  void theLibrariesOfAZipAreThoseOfItsBill(String function) throws Exception {
    var zip = entries(Pages.ROOT.resolve(target(function) + ".zip"));
    var bill = BillOfMaterials.read(target(function) + ".cdx.json");

    var jars = new TreeMap<String, String>();
    below(zip, "lib/").forEach((name, jar) -> jars.put(name, sha256(jar)));
    assertThat(jars)
        .containsExactlyInAnyOrderEntriesOf(
            bill.libraries().stream()
                .collect(Collectors.toMap(BillOfMaterialsTest::fileName, Component::sha256)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"analyze", "audit", "authorizer", "chat", "docs"})
  void theClassesOfAZipAreThoseOfTheModulesInItsBill(String function) throws Exception {
    var zip = entries(Pages.ROOT.resolve(target(function) + ".zip"));
    var bill = BillOfMaterials.read(target(function) + ".cdx.json");

    assertThat(hashes(below(zip, "dev/"))).isEqualTo(hashes(below(ownEntries(bill), "dev/")));
  }

  @Test
  void theClassesOfTheToolsAreThoseOfTheLibrariesAndModulesInTheirBill() throws Exception {
    var jar = entries(Pages.ROOT.resolve(TOOLS + ".jar"));
    var bill = BillOfMaterials.read(TOOLS + ".cdx.json");

    var expected = ownEntries(bill);
    for (Component library : bill.libraries()) {
      expected.putAll(entries(jar(library)));
    }
    assertThat(classes(jar)).isEqualTo(classes(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"analyze", "audit", "authorizer", "chat", "docs"})
  void aZipHasTheLicenseOfEachLibrary(String function) throws Exception {
    var zip = entries(Pages.ROOT.resolve(target(function) + ".zip"));

    assertThat(zip.get("LICENSE")).isEqualTo(Files.readAllBytes(Pages.ROOT.resolve("LICENSE")));
    assertThat(zip.get("NOTICE")).isEqualTo(Files.readAllBytes(Pages.ROOT.resolve("NOTICE")));
    for (var library : below(zip, "lib/").entrySet()) {
      var licenses = licenses(entries(library.getValue()));
      // The others have the license that is in LICENSE, or one that asks for nothing.
      assertThat(licenses.isEmpty())
          .as(library.getKey())
          .isEqualTo(library.getKey().matches("(aws-lambda-java-core|reactive-streams)-.*"));
    }
  }

  @Test
  void theToolsHaveTheLicensesAndNoticesOfEachLibrary() throws Exception {
    var jar = entries(Pages.ROOT.resolve(TOOLS + ".jar"));
    var contained = jar.values().stream().map(BillOfMaterialsTest::sha256).toList();

    assertThat(jar).containsKeys("META-INF/LICENSE", "META-INF/NOTICE");
    for (Component library : BillOfMaterials.read(TOOLS + ".cdx.json").libraries()) {
      assertThat(licenses(entries(jar(library))).values())
          .as(library.coordinates())
          .allSatisfy(text -> assertThat(contained).contains(sha256(text)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"analyze", "audit", "authorizer", "chat", "docs"})
  void aBillOfAnUnchangedZipIsUnchangedToo(String function) throws Exception {
    var json = BillOfMaterials.read(target(function) + ".cdx.json").json();

    assertThat(json.has("serialNumber")).isFalse();
    // That of every archive.
    assertThat(json.at("/metadata/timestamp").asText("2026-01-01T00:00:00Z"))
        .isEqualTo("2026-01-01T00:00:00Z");
    assertThat(json.toString()).doesNotContain(Pages.ROOT.toString());
  }

  @Test
  void everyComponentHasAVersionAnAddressAHashAndAnAllowedLicense() throws Exception {
    for (var bill : bills()) {
      var components = Stream.concat(bill.modules().stream(), bill.libraries().stream()).toList();
      assertThat(components)
          .isNotEmpty()
          .allSatisfy(
              component -> {
                assertThat(component.version()).isNotEmpty();
                assertThat(component.purl())
                    .isEqualTo(
                        "pkg:maven/%s/%s@%s?type=jar",
                        component.group(), component.name(), component.version());
                assertThat(component.sha256()).hasSize(64);
                assertThat(component.licenses()).isNotEmpty().isSubsetOf(ALLOWED_LICENSES);
              });
      assertThat(bill.main().licenses()).containsExactly("Apache-2.0");
    }
  }

  @Test
  void theNoticeListsEachLibraryWithItsLicense() throws Exception {
    var listed = new TreeSet<String>();
    var notice = Pages.find("(?m)^([\\w.-]+:[\\w.*-]+) +(\\S+)$", Pages.read("NOTICE"));
    for (var bill : bills()) {
      for (Component library : bill.libraries()) {
        var rows =
            notice.stream()
                .filter(
                    row ->
                        library
                            .coordinates()
                            .matches(row.group(1).replace(".", "\\.").replace("*", ".*")))
                .toList();
        assertThat(rows).as(library.coordinates()).hasSize(1);
        assertThat(library.licenses()).containsExactly(rows.getFirst().group(2));
        listed.add(rows.getFirst().group(1));
      }
    }
    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(notice.stream().map(row -> row.group(1)).toList());
  }

  @Test
  void aCopyOfALibraryWithinAnotherIsInABillOfItsOwn() throws Exception {
    var bundled = BillOfMaterials.read("functions/bundled.cdx.json");

    var copies = new TreeSet<String>();
    for (var bill : bills()) {
      for (Component library : bill.libraries()) {
        try (var jar = new ZipFile(jar(library).toFile())) {
          if (jar.stream().anyMatch(entry -> entry.getName().contains("/thirdparty/"))) {
            copies.add(library.name());
          }
        }
      }
    }
    assertThat(copies).containsExactly(bundled.main().name());
    assertThat(bundled.libraries())
        .extracting(Component::name, Component::version)
        .containsExactly(
            tuple(PackageVersion.VERSION.getArtifactId(), PackageVersion.VERSION.toString()));
    assertThat(bundled.libraries().getFirst().purl())
        .contains("/jackson-core@" + PackageVersion.VERSION + "?");
  }

  /** CVE-2026-68498, in which a caller's JSON can use much memory. */
  @Test
  void theCopyOfJacksonInTheAwsSdkHasTheFixOfItsKnownVulnerability() {
    assertThat(PackageVersion.VERSION)
        .isGreaterThanOrEqualTo(
            new Version(
                2,
                21,
                6,
                null,
                PackageVersion.VERSION.getGroupId(),
                PackageVersion.VERSION.getArtifactId()));
  }

  private static List<BillOfMaterials> bills() throws Exception {
    return List.of(
        BillOfMaterials.read(target("analyze") + ".cdx.json"),
        BillOfMaterials.read(target("audit") + ".cdx.json"),
        BillOfMaterials.read(target("authorizer") + ".cdx.json"),
        BillOfMaterials.read(target("chat") + ".cdx.json"),
        BillOfMaterials.read(target("docs") + ".cdx.json"),
        BillOfMaterials.read(TOOLS + ".cdx.json"));
  }

  private static String target(String function) {
    return "functions/%1$s/target/%1$s".formatted(function);
  }

  private static String fileName(Component library) {
    return library.name() + "-" + library.version() + ".jar";
  }

  /** The contents of the project's own modules, whose jars are as the bill says. */
  private static Map<String, byte[]> ownEntries(BillOfMaterials bill) throws IOException {
    var entries = new TreeMap<String, byte[]>();
    for (Component module : bill.modules()) {
      byte[] jar = Files.readAllBytes(ownJar(fileName(module)));
      assertThat(sha256(jar)).as(module.name()).isEqualTo(module.sha256());
      entries.putAll(entries(jar));
    }
    entries.putAll(entries(ownJar(bill.main())));
    return entries;
  }

  private static Path ownJar(Component main) throws IOException {
    String function = main.name().replace("skein-function-", "");
    Path jar = Pages.ROOT.resolve(target(function) + ".jar");
    return Files.exists(jar) ? jar : ownJar(fileName(main));
  }

  private static Path ownJar(String fileName) throws IOException {
    for (String folder : MODULES) {
      try (var paths = Files.walk(Pages.ROOT.resolve(folder), 3)) {
        var found =
            paths.filter(path -> path.endsWith(Path.of("target").resolve(fileName))).findFirst();
        if (found.isPresent()) {
          return found.get();
        }
      }
    }
    throw new AssertionError("no module has " + fileName);
  }

  /** Every library is also one of this module. */
  private static Path jar(Component library) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(Path::of)
        .filter(path -> path.endsWith(fileName(library)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(fileName(library) + " is not on the class path"));
  }

  private static Map<String, byte[]> entries(Path zip) throws IOException {
    return entries(Files.readAllBytes(zip));
  }

  /** The files of an archive. */
  private static Map<String, byte[]> entries(byte[] zip) throws IOException {
    var entries = new TreeMap<String, byte[]>();
    try (var in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (!entry.isDirectory()) {
          entries.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    return entries;
  }

  private static Map<String, byte[]> below(Map<String, byte[]> entries, String folder) {
    var below = new TreeMap<String, byte[]>();
    entries.forEach(
        (name, content) -> {
          if (name.startsWith(folder)) {
            below.put(name.substring(folder.length()), content);
          }
        });
    return below;
  }

  private static Map<String, byte[]> licenses(Map<String, byte[]> jar) {
    var licenses = new TreeMap<>(jar);
    licenses.keySet().removeIf(name -> !name.matches("META-INF/(\\S*LICENSE|NOTICE)\\S*"));
    return licenses;
  }

  /** The hashes of the classes that a JVM loads from the class path, by name. */
  private static Map<String, String> classes(Map<String, byte[]> entries) {
    var classes = hashes(entries);
    classes.keySet().removeIf(name -> !name.endsWith(".class") || name.contains("module-info"));
    classes.keySet().removeIf(name -> name.startsWith("META-INF/"));
    return classes;
  }

  private static Map<String, String> hashes(Map<String, byte[]> entries) {
    var hashes = new TreeMap<String, String>();
    entries.forEach((name, content) -> hashes.put(name, sha256(content)));
    return hashes;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
