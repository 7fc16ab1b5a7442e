package io.javisor.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.junit.jupiter.api.Test;

/** The rules of design.md for images and containers. {@link ArchitectureTest} sees to it that the classes are there. */
class ContainerArchitectureTest {
    private static final JavaClasses CODE = ImportedClasses.ALL;

    /** A container's image is files: what runs of it is a machine's business. */
    @Test
    void containerImagesKnowNoMachine() {
        noClasses()
                .that()
                .resideInAPackage("io.javisor.oci..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.javisor.machine..",
                        "io.javisor.api..",
                        "io.javisor.manager..",
                        "io.javisor.devices..",
                        "io.javisor.firmware..",
                        "io.javisor.core.memory..",
                        "io.javisor.core.bus..",
                        "io.javisor.core.cpu..",
                        "io.javisor.core.engine..",
                        "io.javisor.core.vcpu..")
                .check(CODE);
    }

    /** What a container's image is does not depend on where it came from, nor on where it is kept. */
    @Test
    void roomsOfContainerImagesKnowTheOnesBelow() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.javisor.oci..")
                .layer("root")
                .definedBy("io.javisor.oci")
                .layer("model")
                .definedBy("io.javisor.oci.model..")
                .layer("tar")
                .definedBy("io.javisor.oci.tar..")
                .layer("layer")
                .definedBy("io.javisor.oci.layer..")
                .layer("tree")
                .definedBy("io.javisor.oci.tree..")
                .layer("store")
                .definedBy("io.javisor.oci.store..")
                .layer("transfer")
                .definedBy("io.javisor.oci.transfer..")
                .layer("archive")
                .definedBy("io.javisor.oci.archive..")
                .layer("registry")
                .definedBy("io.javisor.oci.registry..")
                .whereLayer("transfer")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("archive")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("registry")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("store")
                .mayOnlyBeAccessedByLayers("transfer")
                .whereLayer("tree")
                .mayOnlyBeAccessedByLayers("store", "transfer")
                .whereLayer("layer")
                .mayOnlyBeAccessedByLayers("tree", "store", "transfer")
                .whereLayer("tar")
                .mayOnlyBeAccessedByLayers("layer", "tree", "store", "transfer", "archive", "registry")
                .check(CODE);
    }

    /** Each class costs a start its time: the commands for machines do without those for images and containers. */
    @Test
    void commandsForMachinesKnowNoContainerImages() {
        noClasses()
                .that()
                .resideInAnyPackage("io.javisor.cli", "io.javisor.cli.config..", "io.javisor.cli.logging..")
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.cli.ErrorMessages")
                // Runs a container that was started by another process.
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.cli.DetachedContainer")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javisor.oci..")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("io.javisor.cli..")
                .and()
                .resideOutsideOfPackages("io.javisor.cli.image..", "io.javisor.cli.container..")
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.cli.Main")
                .and() // at package time
                .doNotHaveFullyQualifiedName("io.javisor.cli.StartTraining")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.javisor.cli.image..")
                .check(CODE);
        noClasses()
                .that()
                .haveFullyQualifiedName("io.javisor.cli.RunCommand")
                .or()
                .haveFullyQualifiedName("io.javisor.cli.PlainArguments")
                .or()
                .haveFullyQualifiedName("io.javisor.cli.ConsoleSession")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javisor.cli.container..", "io.javisor.container..")
                .check(CODE);
        // Which images containers use is all that the commands for images ask.
        noClasses()
                .that()
                .resideInAPackage("io.javisor.cli.image..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.javisor.cli.container..",
                        "io.javisor.container.runtime..",
                        "io.javisor.container.control..",
                        "io.javisor.container.terminal..")
                .check(CODE);
    }

    /** What a container is to be is said without a machine; what is kept of it without one that runs. */
    @Test
    void roomsOfContainersKnowTheOnesBelow() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.javisor.container..")
                .layer("spec")
                .definedBy("io.javisor.container.spec..")
                .layer("store")
                .definedBy("io.javisor.container.store..")
                .layer("control")
                .definedBy("io.javisor.container.control..")
                .layer("runtime")
                .definedBy("io.javisor.container.runtime..")
                .whereLayer("runtime")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("control")
                .mayOnlyBeAccessedByLayers("runtime")
                .whereLayer("store")
                .mayOnlyBeAccessedByLayers("control", "runtime")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("io.javisor.container.spec..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javisor.agent..", "io.javisor.manager..", "io.javisor.api..")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("io.javisor.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.javisor.container..",
                        "io.javisor.oci..",
                        "io.javisor.machine..",
                        "io.javisor.manager..",
                        "io.javisor.devices..")
                .check(CODE);
    }
}
