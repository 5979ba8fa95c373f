package dev.skein.local.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The architecture rules of all modules, each with its reason. */
class ArchitectureRulesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.skein");

  private static final String BASE = "dev.skein.base..";
  private static final String LLM = "dev.skein.llm..";
  private static final String PRICING = "dev.skein.pricing..";
  private static final String API = "dev.skein.api..";
  private static final String AUDIT = "dev.skein.audit..";
  private static final String AWS = "dev.skein.aws..";
  private static final String EXCHANGE = "dev.skein.exchange..";
  private static final String FUNCTIONS = "dev.skein.functions..";
  private static final String LOCAL = "dev.skein.local..";
  private static final String HTTP = "dev.skein.http..";
  private static final String FAULTS = "dev.skein.faults..";
  private static final String RUNTIME = "dev.skein.runtime..";
  private static final String TOOLS = "dev.skein.tools..";
  private static final String CONSOLE = "dev.skein.console..";
  private static final String RUNTIME_API = "dev.skein.runtimeapi..";

  @Test
  void everyPackageThatTheRulesNameHasClasses() {
    assertThat(
            Stream.of(
                    BASE,
                    LLM,
                    PRICING,
                    API,
                    AUDIT,
                    AWS,
                    EXCHANGE,
                    FUNCTIONS,
                    LOCAL,
                    HTTP,
                    FAULTS,
                    RUNTIME,
                    RUNTIME_API,
                    CONSOLE,
                    TOOLS)
                .map(name -> name.replace("..", ""))
                .filter(
                    name -> CLASSES.stream().noneMatch(it -> it.getPackageName().startsWith(name))))
        .as("a rule about no classes always holds")
        .isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> theArchitectureRulesHold() {
    return Stream.of(
            layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.skein..")
                .layer("base")
                .definedBy(BASE)
                .layer("llm")
                .definedBy(LLM)
                .layer("pricing")
                .definedBy(PRICING)
                .layer("api")
                .definedBy(API)
                .layer("audit")
                .definedBy(AUDIT)
                .layer("aws")
                .definedBy(AWS)
                .layer("exchange")
                .definedBy(EXCHANGE)
                .layer("runtime")
                .definedBy(RUNTIME)
                .layer("functions")
                .definedBy(FUNCTIONS)
                .layer("local")
                .definedBy(LOCAL)
                .layer("http")
                .definedBy(HTTP)
                .layer("faults")
                .definedBy(FAULTS)
                .layer("runtimeapi")
                .definedBy(RUNTIME_API)
                .layer("tools")
                .definedBy(TOOLS)
                .layer("console")
                .definedBy(CONSOLE)
                .whereLayer("llm")
                .mayOnlyBeAccessedByLayers("pricing", "exchange", "functions")
                .whereLayer("pricing")
                .mayOnlyBeAccessedByLayers("exchange", "functions")
                .whereLayer("api")
                .mayOnlyBeAccessedByLayers("exchange", "functions")
                .whereLayer("audit")
                .mayOnlyBeAccessedByLayers("exchange", "functions", "tools")
                .whereLayer("aws")
                .mayOnlyBeAccessedByLayers("exchange", "functions")
                .whereLayer("exchange")
                .mayOnlyBeAccessedByLayers("functions")
                .whereLayer("base")
                .mayOnlyBeAccessedByLayers(
                    "llm", "pricing", "api", "audit", "aws", "exchange", "functions", "tools")
                .whereLayer("runtime")
                .mayOnlyBeAccessedByLayers("exchange", "functions")
                .whereLayer("functions")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("local")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("tools")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("http")
                .mayOnlyBeAccessedByLayers("local", "console", "faults", "runtimeapi")
                .whereLayer("console")
                .mayOnlyBeAccessedByLayers("local")
                .whereLayer("faults")
                .mayOnlyBeAccessedByLayers("local")
                .whereLayer("runtimeapi")
                .mayOnlyBeAccessedByLayers("local")
                .because("dependencies point one way, from the handlers to the clients"),
            noClasses()
                .that()
                .resideInAPackage(LLM)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.amazonaws..", "software.amazon..")
                .because("the model client knows neither Lambda nor AWS"),
            noClasses()
                .that()
                .resideInAPackage(PRICING)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.fasterxml..", "java.text..", "java.util.regex..")
                .because("the table is read in the cold start, and amounts are exact"),
            noClasses()
                .that()
                .resideInAPackage(AUDIT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.amazonaws..", "software.amazon..", AWS)
                .because("a function that stores audit records carries no client that sends them"),
            noClasses()
                .that()
                .resideInAPackage(RUNTIME)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(BASE, "com.fasterxml..", "java.net.http..", "java.util.regex..")
                .because("each class that the loop loads is part of every cold start"),
            noClasses()
                .that()
                .resideInAPackage(FUNCTIONS)
                .and()
                .doNotHaveSimpleName("Composition")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http..")
                .because("handlers build no HTTP by hand"),
            noClasses()
                .that()
                .resideInAPackage(FAULTS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(FUNCTIONS, EXCHANGE, API, AUDIT, AWS, PRICING, LLM, BASE, LOCAL)
                .because("a server that tests the client must not share its mistakes"),
            noClasses()
                .that()
                .resideInAPackage(RUNTIME_API)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    FUNCTIONS, EXCHANGE, API, AUDIT, AWS, PRICING, LLM, BASE, LOCAL, FAULTS)
                .because("the stand-in for Lambda does not depend on what runs in it"),
            noClasses()
                .that()
                .resideInAPackage(LOCAL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(FUNCTIONS, EXCHANGE, API, AUDIT, AWS, PRICING, LLM, BASE)
                .because("the local stack starts functions from their zips and never calls them"),
            slices()
                .matching("dev.skein.functions.(*)..")
                .should()
                .notDependOnEachOther()
                .because("a function's zip holds only what that function uses"),
            slices()
                .matching("dev.skein.local.(*)..")
                .should()
                .beFreeOfCycles()
                .because("packages in a cycle are in fact one package"),
            noClasses()
                .should()
                .resideInAnyPackage("..util..", "..utils..", "..common..", "..helpers..")
                .because("a helper is named after what it is, and lives next to its user"),
            classes()
                .that()
                .arePublic()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .should()
                .haveModifier(JavaModifier.FINAL)
                .because("public classes are not designed for extension"),
            fields()
                .that()
                .areStatic()
                .and()
                .areNotFinal()
                .should()
                .haveName("shared")
                .because("an environment's shared instance is the only static state that changes"),
            noClasses()
                .that()
                .resideOutsideOfPackages("dev.skein.local..", TOOLS)
                .and()
                .doNotHaveFullyQualifiedName("dev.skein.base.Log")
                .and()
                .doNotHaveFullyQualifiedName("dev.skein.runtime.RuntimeLog")
                .and()
                .doNotHaveFullyQualifiedName("dev.skein.faults.ScriptedModelCli")
                .and()
                .doNotHaveFullyQualifiedName("dev.skein.console.Main")
                .should()
                .accessField(System.class, "out")
                .because("output that bypasses Log may span several lines or contain a prompt"),
            noClasses()
                .should()
                .callMethod(Throwable.class, "printStackTrace")
                .because("a stack trace contains messages, which may contain what callers sent"),
            noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.logging.Logger")
                .because("there is one logger"))
        .map(
            (ArchRule rule) ->
                DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(CLASSES)));
  }
}
