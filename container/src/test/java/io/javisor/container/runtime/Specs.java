package io.javisor.container.runtime;

import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.LimitsSpec;
import io.javisor.container.spec.MachineSpec;
import io.javisor.container.spec.NamesSpec;
import io.javisor.container.spec.NetworkSpec;
import io.javisor.container.spec.PrivilegesSpec;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.container.spec.RootSpec;
import io.javisor.container.spec.StopSpec;
import io.javisor.machine.config.PublishedPort;
import io.javisor.oci.Digest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Specifications of containers, by what differs from a plain one. */
final class Specs {
    private static final long DOCKERS_CAPABILITIES = 0xa80425fbL;

    private Digest image = Digest.parse("sha256:" + "0".repeat(64));
    private ProcessSpec process;
    private RootSpec root = new RootSpec(false, List.of(), 0);
    private LimitsSpec limits = new LimitsSpec(0, 0, 0);
    private NetworkSpec network = new NetworkSpec(NetworkSpec.Kind.NONE, List.of(), List.of());
    private MachineSpec machine = new MachineSpec(0, 0, null, null);

    private Specs(ProcessSpec process) {
        this.process = process;
    }

    static Specs running(String... command) {
        return new Specs(process(command));
    }

    static ProcessSpec process(String... command) {
        return new ProcessSpec(
                List.of(),
                List.of(command),
                List.of("PATH=/bin"),
                "",
                "",
                List.of(),
                false,
                false,
                new PrivilegesSpec(DOCKERS_CAPABILITIES, false, false, false, List.of()),
                false);
    }

    Specs image(Digest id) {
        image = id;
        return this;
    }

    /** Its standard input stays open. */
    Specs interactive() {
        process = new ProcessSpec(
                process.entrypoint(),
                process.command(),
                process.environment(),
                "",
                "",
                List.of(),
                false,
                true,
                process.privileges(),
                false);
        return this;
    }

    Specs readOnly() {
        root = new RootSpec(true, List.of(), 0);
        return this;
    }

    Specs limits(long memoryBytes, long cpuMicros) {
        limits = new LimitsSpec(memoryBytes, cpuMicros, 0);
        return this;
    }

    Specs networked(PublishedPort... published) {
        network = new NetworkSpec(NetworkSpec.Kind.USER, List.of(published), List.of());
        return this;
    }

    Specs machine(MachineSpec wanted) {
        machine = wanted;
        return this;
    }

    ContainerSpec spec() {
        return new ContainerSpec(
                "hello",
                image,
                process,
                root,
                new NamesSpec("", List.of(), List.of(), List.of(), List.of()),
                limits,
                network,
                StopSpec.DEFAULT,
                Optional.empty(),
                Map.of(),
                machine);
    }
}
