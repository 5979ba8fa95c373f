package dev.skein.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FaultTableTest {
  private static final Path PROJECT = Path.of("../..");

  @Test
  void theTableHasARowForEachFaultAndNoOther() {
    assertThat(FaultTable.rows(PROJECT))
        .extracting(row -> row.family() + "/" + row.name() + "/" + row.wire())
        .containsExactlyElementsOf(
            FaultCatalogue.all().stream()
                .map(fault -> fault.family() + "/" + fault.name() + "/" + fault.wire())
                .toList());
  }

  @Test
  void noTwoFaultsHaveOneName() {
    assertThat(FaultCatalogue.all()).extracting(Fault::name).doesNotHaveDuplicates();
  }

  @Test
  void everyFamilyOfTheCatalogueIsThere() {
    assertThat(FaultCatalogue.all())
        .extracting(Fault::family)
        .contains(
            "rejects",
            "credentials",
            "throttles",
            "breaks",
            "transport",
            "time",
            "framing",
            "meaning",
            "streams");
  }
}
