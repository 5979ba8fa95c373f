/**
 * One async client for any OpenAI-compatible API. It knows neither Lambda nor AWS.
 *
 * <p>Enter at {@link dev.skein.llm.LlmClient}; what comes back is a {@link
 * dev.skein.llm.LlmOutcome}.
 */
@NullMarked
package dev.skein.llm;

import org.jspecify.annotations.NullMarked;
