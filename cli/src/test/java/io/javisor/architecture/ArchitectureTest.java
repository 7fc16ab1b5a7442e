package io.javisor.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import io.javisor.core.engine.EngineProvider;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The finer arrows of {@code docs/design.md}, those that Maven's modules cannot hold. */
class ArchitectureTest {
    private static final JavaClasses ALL = ImportedClasses.ALL;

    /** The product: all but the testkit, which comes with what JUnit needs. */
    private static final JavaClasses CODE =
            ALL.that(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("io.javisor.testkit..")));

    /** The packages of the engines: whose root has an {@link EngineProvider}. */
    private static final String[] ENGINES = CODE.stream()
            .filter(each -> !each.isInterface() && each.isAssignableTo(EngineProvider.class))
            .map(each -> each.getPackageName() + "..")
            .distinct()
            .toArray(String[]::new);

    private static final DescribedPredicate<JavaCall<?>> MAKES_A_THREAD = DescribedPredicate.describe(
            "makes a thread",
            call -> (call.getTargetOwner().isEquivalentTo(Thread.class)
                            && (call.getName().equals("<init>")
                                    || call.getName().equals("ofPlatform")
                                    || call.getName().equals("ofVirtual")
                                    || call.getName().equals("startVirtualThread")))
                    || call.getTargetOwner().isEquivalentTo(java.util.concurrent.Executors.class));

    @Test
    void onlyTheHostPackageCallsNativeCode() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.javisor.core.host..", "io.javisor.testkit.host..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jnr..", "com.kenai.jffi..")
                .check(ALL);
    }

    /** A collector that runs seldom would keep what each life of a guest leaves. What lives as long as the machine may be its. */
    @Test
    void whatAGuestMakesIsNotLeftToTheCollector() {
        noClasses()
                .that()
                .resideInAnyPackage("io.javisor.core.memory..", "io.javisor.devices.virtio..")
                .and()
                .resideOutsideOfPackage("io.javisor.devices.virtio.net.backend..")
                .should()
                .callMethod(Arena.class, "ofAuto")
                .check(CODE);
    }

    @Test
    void theProductKnowsNeitherTheTestkitNorJunit() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javisor.testkit..", "org.junit..", "com.code_intelligence..")
                .check(CODE);
    }

    /** It is there while the package is made; the one class that hands it javisor's commands is not in the jar. */
    @Test
    void theProductDoesWithoutItsPackagingTools() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.javisor.packaging..")
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.cli.ShareFiles")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javisor.packaging..")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("io.javisor.packaging..")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are of the product",
                        type -> type.getPackageName().startsWith("io.javisor.")
                                && !type.getPackageName().startsWith("io.javisor.packaging")))
                .check(CODE);
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.javisor.cli.ShareFiles")
                .check(CODE);
    }

    /** Benchmarks have it without JUnit; and each engine has the same guests. */
    @Test
    void theTestkitKnowsNoEngineAndItsConditionsAloneKnowJunit() {
        JavaClasses testkit = ALL.that(JavaClass.Predicates.resideInAPackage("io.javisor.testkit.."));
        noClasses().should().dependOnClassesThat().resideInAnyPackage(ENGINES).check(testkit);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.javisor.testkit.junit..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.junit..")
                .check(testkit);
    }

    @Test
    void threadsAreMadeByTheEventLoopTheVcpuAndWhoServesASocketOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.javisor.core.event..",
                        "io.javisor.core.vcpu..",
                        "io.javisor.api.http..",
                        "io.javisor.gdb..")
                // A shutdown hook has to be a thread; it does not run while the machine does.
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.core.host.ShutdownHook")
                // The software engine's timers interrupt processors,
                // as a kernel's do for KVM; an event loop may be busy.
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.emulator.cpu.AlarmClock")
                // A disk's parser has a stack of its own size, before the machine runs.
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.machine.host.OwnStack")
                // Layers come and go side by side, while no machine runs in this process.
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.oci.transfer.TransferThreads")
                // What passt says is read as it says it, or it would wait; nothing else tells of it.
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.machine.host.PasstLog")
                // A container's agent says what it likes when it likes; its bytes are read by who wants them.
                .and()
                .resideOutsideOfPackage("io.javisor.agent..")
                // So are they for clients of a container's processes, each by a thread that waits for one of them.
                .and()
                .resideOutsideOfPackage("io.javisor.container.control..")
                // A key and a signal are waited for in poll(2).
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.container.terminal.TerminalSession")
                // Who waits for a machine's end or its agent's answer keeps nobody else from asking.
                .and()
                .resideOutsideOfPackage("io.javisor.container.runtime..")
                // Layers of an image come several at once, and are unpacked while they do; no machine is there.
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.oci.transfer.TransferThreads")
                .should()
                .callCodeUnitWhere(DescribedPredicate.describe("makes a thread", MAKES_A_THREAD))
                .check(CODE);
    }

    @Test
    void anEngineIsKnownToOneClassAndTheDoctor() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ENGINES)
                .and()
                .resideOutsideOfPackage("io.javisor.machine.doctor..")
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.machine.host.EngineChoice")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ENGINES)
                .check(CODE);
    }

    @Test
    void enginesKnowTheCoreOnly() {
        noClasses()
                .that()
                .resideInAnyPackage(ENGINES)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.javisor.devices..",
                        "io.javisor.images..",
                        "io.javisor.firmware..",
                        "io.javisor.gdb..",
                        "io.javisor.machine..",
                        "io.javisor.api..")
                .check(CODE);
    }

    @Test
    void enginesDoNotKnowEachOther() {
        for (String engine : ENGINES) {
            String[] others = Arrays.stream(ENGINES)
                    .filter(other -> !other.equals(engine))
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(engine)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(CODE);
        }
    }

    @Test
    void devicesKnowNeitherEnginesNorPaths() {
        noClasses()
                .that()
                .resideInAPackage("io.javisor.devices..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javisor.core.engine..", "io.javisor.core.vcpu..", "java.nio.file..")
                .check(CODE);
    }

    @Test
    void firmwareKnowsNeitherDevicesNorEngines() {
        noClasses()
                .that()
                .resideInAPackage("io.javisor.firmware..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javisor.devices..", "io.javisor.core.engine..", "io.javisor.core.vcpu..")
                .check(CODE);
    }

    /** A disk is the same whoever boots from it. */
    @Test
    void imagesKnowNoGuest() {
        noClasses()
                .that()
                .resideInAPackage("io.javisor.images..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.javisor.core.memory..",
                        "io.javisor.core.bus..",
                        "io.javisor.core.cpu..",
                        "io.javisor.core.engine..",
                        "io.javisor.core.vcpu..",
                        "io.javisor.devices..",
                        "io.javisor.firmware..")
                .check(CODE);
    }

    @Test
    void onlyTheCommandLineKnowsPicocli() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.javisor.cli..", "io.javisor.packaging..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..")
                .check(CODE);
    }

    @Test
    void onlyTheCommandLineTheManagerTheApiAndContainersKnowJackson() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.javisor.cli..",
                        "io.javisor.manager..",
                        "io.javisor.api.json..",
                        "io.javisor.oci..",
                        "io.javisor.container..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tools.jackson..")
                .check(CODE);
    }

    @Test
    void onlyTheControlSocketAndTheRegistryClientKnowNettysChannels() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.javisor.api.http..", "io.javisor.oci.registry.http..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty.channel..", "io.netty.handler..")
                .check(CODE);
    }

    /** So that a socket that nobody uses costs a thread and no more: netty and Jackson are loaded for the first client. */
    @Test
    void aServerWithoutClientsNeedsNeitherNettyNorJackson() {
        noClasses()
                .that()
                .haveFullyQualifiedName("io.javisor.api.http.ControlServer")
                .or()
                .haveFullyQualifiedName("io.javisor.api.control.MachineRoutes")
                .or()
                .haveFullyQualifiedName("io.javisor.api.control.RootRoutes")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "tools.jackson..")
                .check(CODE);
    }

    /** What is kept of an instance is the same for each kind: machines are known to those who run and ask them. */
    @Test
    void theRegistryKnowsNoMachine() {
        noClasses()
                .that()
                .resideInAPackage("io.javisor.manager.registry..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.javisor.machine.Machine")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javisor.api.control..", "io.javisor.api.http..", "io.javisor.api.firecracker..")
                .check(CODE);
    }

    /** What a machine is to be is said before a host is asked, and both before anything is placed. */
    @Test
    void roomsOfAMachineKnowTheOnesBelow() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.javisor.machine..")
                .layer("config")
                .definedBy("io.javisor.machine.config")
                .layer("host")
                .definedBy("io.javisor.machine.host")
                .layer("plan")
                .definedBy("io.javisor.machine.plan")
                .layer("wiring")
                .definedBy("io.javisor.machine.wiring")
                .layer("life")
                .definedBy("io.javisor.machine")
                .layer("doctor")
                .definedBy("io.javisor.machine.doctor")
                .whereLayer("life")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("doctor")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("wiring")
                .mayOnlyBeAccessedByLayers("life")
                .whereLayer("plan")
                .mayOnlyBeAccessedByLayers("life", "wiring")
                .whereLayer("host")
                .mayOnlyBeAccessedByLayers("life", "wiring", "plan", "doctor")
                .check(CODE);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.javisor.(**)").should().beFreeOfCycles().check(ALL);
    }

    @Test
    void layoutsHoldNoState() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Layout")
                // An OCI image layout is a directory, no C struct.
                .and()
                .doNotHaveFullyQualifiedName("io.javisor.oci.archive.Layout")
                .and()
                .resideInAPackage("io.javisor..")
                .should()
                .haveOnlyFinalFields()
                .check(CODE);
    }

    @Test
    void nothingInTheCoreLogsToStandardStreams() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.javisor.cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(CODE);
    }

    /** Guards the rules above: an importer that finds nothing would let them all pass. */
    @Test
    void theCodeIsThere() {
        assertTrue(
                List.of(ENGINES).contains("io.javisor.kvm.."),
                () -> List.of(ENGINES).toString());
        for (String module : new String[] {
            "kvm",
            "kvm.abi",
            "core.engine",
            "core.vcpu",
            "devices.serial",
            "images.disk",
            "firmware.linux",
            "oci.model",
            "oci.store",
            "oci.registry",
            "agent",
            "container.control",
            "container.store",
            "container.runtime",
            "gdb",
            "machine",
            "machine.config",
            "machine.host",
            "machine.plan",
            "machine.wiring",
            "api.http",
            "manager.registry",
            "cli",
            "cli.image",
            "cli.container",
            "container.spec",
            "container.store",
            "container.control",
            "container.runtime",
            "packaging.share",
            "testkit.driver"
        }) {
            boolean found = ALL.stream().map(JavaClass::getPackageName).anyMatch(("io.javisor." + module)::equals);
            if (!found) {
                throw new AssertionError("no class of io.javisor." + module + " was imported");
            }
        }
    }
}
