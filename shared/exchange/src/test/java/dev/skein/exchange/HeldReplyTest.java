package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.LlmLimits;
import org.junit.jupiter.api.Test;

class HeldReplyTest {
  private final HeldReply reply = new HeldReply();

  @Test
  void aReplyUpToTheLimitIsKept() {
    reply.write(new byte[LlmLimits.MAX_PASSED_REPLY_BYTES - 1], 0, 5);
    reply.write('x');

    assertThat(reply.problem()).isEmpty();
    assertThat(reply.text()).isEqualTo("\0\0\0\0\0x");
  }

  @Test
  void aLargerOneIsAProblemThatNamesBothSizes() {
    byte[] mebibyte = new byte[1 << 20];
    for (int i = 0; i < 20; i++) {
      reply.write(mebibyte, 0, mebibyte.length);
    }

    assertThat(reply.problem().orElseThrow().detail())
        .contains("at least 20971520 bytes", "the limit is 16777216");
    assertThat(reply.text()).hasSize(LlmLimits.MAX_PASSED_REPLY_BYTES);
  }
}
