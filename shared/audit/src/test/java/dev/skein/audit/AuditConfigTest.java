package dev.skein.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditConfigTest {

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "abc, abc",
    "abcd, abc",
    "a😀b, a😀b",
    "😀😀😀, 😀😀😀",
    "😀😀😀😀, 😀😀😀",
    "ab😀d, ab😀",
    "abc😀, abc",
    "😀😀cde, 😀😀c"
  })
  void aPreviewHasWholeCharactersUpToItsLength(String text, String preview) {
    var config = new AuditConfig(AuditConfig.Mode.LOG, Optional.empty(), Duration.ofSeconds(1), 3);

    assertThat(config.preview(text)).isEqualTo(preview);
  }
}
