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

/** What the house's plan says, held against its classes. */
class HouseRulesTest {
  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.skein");

  private static final String BASE = "dev.skein.base..";
  private static final String LLM = "dev.skein.llm..";
  private static final String API = "dev.skein.api..";
  private static final String AUDIT = "dev.skein.audit..";
  private static final String AWS = "dev.skein.aws..";
  private static final String EXCHANGE = "dev.skein.exchange..";
  private static final String FUNCTIONS = "dev.skein.functions..";
  private static final String LOCAL = "dev.skein.local..";
  private static final String HTTP = "dev.skein.http..";
  private static final String FAULTS = "dev.skein.faults..";
  private static final String RUNTIME = "dev.skein.runtime..";
  private static final String RUNTIME_API = "dev.skein.runtimeapi..";

  @Test
  void everyRoomWasFound() {
    assertThat(
            Stream.of(
                    BASE,
                    LLM,
                    API,
                    AUDIT,
                    AWS,
                    EXCHANGE,
                    FUNCTIONS,
                    LOCAL,
                    HTTP,
                    FAULTS,
                    RUNTIME,
                    RUNTIME_API)
                .map(room -> room.replace("..", ""))
                .filter(
                    room -> HOUSE.stream().noneMatch(it -> it.getPackageName().startsWith(room))))
        .as("a rule over no classes holds always")
        .isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> theHouseKeepsItsRules() {
    return Stream.of(
            layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.skein..")
                .layer("base")
                .definedBy(BASE)
                .layer("llm")
                .definedBy(LLM)
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
                .whereLayer("llm")
                .mayOnlyBeAccessedByLayers("exchange", "functions")
                .whereLayer("api")
                .mayOnlyBeAccessedByLayers("exchange", "functions")
                .whereLayer("audit")
                .mayOnlyBeAccessedByLayers("exchange", "functions")
                .whereLayer("aws")
                .mayOnlyBeAccessedByLayers("exchange", "functions")
                .whereLayer("exchange")
                .mayOnlyBeAccessedByLayers("functions")
                .whereLayer("base")
                .mayOnlyBeAccessedByLayers("llm", "api", "audit", "exchange", "functions")
                .whereLayer("runtime")
                .mayOnlyBeAccessedByLayers("exchange", "functions")
                .whereLayer("functions")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("local")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("http")
                .mayOnlyBeAccessedByLayers("faults", "runtimeapi")
                .whereLayer("faults")
                .mayOnlyBeAccessedByLayers("local")
                .whereLayer("runtimeapi")
                .mayOnlyBeAccessedByLayers("local")
                .because("knowledge goes one way, from the handler down to the wire"),
            noClasses()
                .that()
                .resideInAPackage(LLM)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.amazonaws..", "software.amazon..")
                .because("the model client knows neither Lambda nor AWS"),
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
                .resideInAnyPackage(FUNCTIONS, EXCHANGE, API, AUDIT, AWS, LLM, BASE, LOCAL)
                .because("who tests the client shares no mistake with it"),
            noClasses()
                .that()
                .resideInAPackage(RUNTIME_API)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(FUNCTIONS, EXCHANGE, API, AUDIT, AWS, LLM, BASE, LOCAL, FAULTS)
                .because("who stands in for Lambda knows nothing of what runs in it"),
            noClasses()
                .that()
                .resideInAPackage(LOCAL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(FUNCTIONS, EXCHANGE, API, AUDIT, AWS, LLM, BASE)
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
                .because("a circle of packages is one package"),
            noClasses()
                .should()
                .resideInAnyPackage("..util..", "..utils..", "..common..", "..helpers..")
                .because("a helper is named for its noun and stands beside its user"),
            classes()
                .that()
                .arePublic()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .should()
                .haveModifier(JavaModifier.FINAL)
                .because("what is open to everybody is closed to extension"),
            fields()
                .that()
                .areStatic()
                .and()
                .areNotFinal()
                .should()
                .haveName("shared")
                .because("the one thing an environment changes once is its shared instance"),
            noClasses()
                .that()
                .resideOutsideOfPackages("dev.skein.local..")
                .and()
                .doNotHaveFullyQualifiedName("dev.skein.base.Log")
                .and()
                .doNotHaveFullyQualifiedName("dev.skein.runtime.RuntimeLog")
                .and()
                .doNotHaveFullyQualifiedName("dev.skein.faults.ScriptedModelCli")
                .should()
                .accessField(System.class, "out")
                .because("a line that does not pass Log may be several, or hold a prompt"),
            noClasses()
                .should()
                .callMethod(Throwable.class, "printStackTrace")
                .because("a stack trace holds messages, and messages hold what strangers sent"),
            noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.logging.Logger")
                .because("there is one log"))
        .map(
            (ArchRule rule) ->
                DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(HOUSE)));
  }
}
