package dev.skein.local;

import dev.skein.local.testing.FreePorts;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One running stack for the test classes that ask for it in their constructor. Each test scripts
 * the model for itself, and has users of its own.
 */
final class SharedStack implements ParameterResolver {

  /** Of one function, at most. */
  static final int ENVIRONMENTS = 16;

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == RunningStack.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    return test.getRoot()
        .getStore(Namespace.GLOBAL)
        .computeIfAbsent(RunningStack.class, _ -> start(), RunningStack.class);
  }

  private static RunningStack start() {
    var shell = new HashMap<>(RunningStack.patientAudit());
    shell.put("LLM_BREAKER_FAULTS", "100000");
    return RunningStack.start(
        FreePorts.settings(Map.of("MAX_ENVIRONMENTS", Integer.toString(ENVIRONMENTS))), shell);
  }
}
