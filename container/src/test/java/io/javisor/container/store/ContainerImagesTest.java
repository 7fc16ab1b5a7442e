package io.javisor.container.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.LimitsSpec;
import io.javisor.container.spec.MachineSpec;
import io.javisor.container.spec.NamesSpec;
import io.javisor.container.spec.NetworkSpec;
import io.javisor.container.spec.PrivilegesSpec;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.container.spec.RootSpec;
import io.javisor.container.spec.SpecText;
import io.javisor.container.spec.StopSpec;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineHold;
import io.javisor.manager.registry.Places;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import io.javisor.oci.Digest;
import io.javisor.oci.store.ImageUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerImagesTest {
    private static final Digest ONE = Digest.parse("sha256:" + "1".repeat(64));
    private static final Digest TWO = Digest.parse("sha256:" + "2".repeat(64));

    @TempDir
    private Path directory = Path.of("");

    private Registry registry = new Registry(new Places(Path.of(""), Path.of("")), InstantSource.system());

    @BeforeEach
    void setUp() {
        registry =
                new Registry(new Places(directory.resolve("state"), directory.resolve("run")), InstantSource.system());
    }

    private MachineEntry container(Digest image) {
        ContainerSpec spec = new ContainerSpec(
                "hello",
                image,
                new ProcessSpec(
                        List.of(),
                        List.of("true"),
                        List.of(),
                        "",
                        "",
                        List.of(),
                        false,
                        false,
                        new PrivilegesSpec(0, false, false, false, List.of()),
                        false),
                new RootSpec(false, List.of(), 0),
                new NamesSpec("", List.of(), List.of(), List.of(), List.of()),
                new LimitsSpec(0, 0, 0),
                new NetworkSpec(NetworkSpec.Kind.NONE, List.of(), List.of()),
                StopSpec.DEFAULT,
                Optional.empty(),
                Map.of(),
                new MachineSpec(0, 0, null, null));
        return registry.createContainer(null, SpecText.write(spec), RestartPolicy.NO, false);
    }

    @Test
    void whereThereIsNothingNoImageIsUsed() {
        assertEquals(Map.of(), ContainerImages.inUse(registry));
    }

    @Test
    void eachContainersImageIsUsed() {
        MachineEntry one = container(ONE);
        MachineEntry two = container(TWO);
        MachineEntry _ = registry.create("web", "{}", RestartPolicy.NO, false);
        assertEquals(
                Map.of(ONE, new ImageUse(one.id(), false), TWO, new ImageUse(two.id(), false)),
                ContainerImages.inUse(registry));
    }

    @Test
    void aContainerThatRunsIsNamedFirst() {
        MachineEntry _ = container(ONE);
        MachineEntry runs = container(ONE);
        MachineEntry _ = container(ONE);
        try (MachineHold hold = Objects.requireNonNull(runs.tryHold())) {
            hold.starting();
            assertEquals(Map.of(ONE, new ImageUse(runs.id(), true)), ContainerImages.inUse(registry));
        }
    }

    @Test
    void oneThatCantBeReadUsesNone() throws IOException {
        MachineEntry damaged = container(ONE);
        MachineEntry two = container(TWO);
        Files.writeString(damaged.specFile(), "{\"version\":1");
        assertEquals(Map.of(TWO, new ImageUse(two.id(), false)), ContainerImages.inUse(registry));
    }
}
