package io.javisor.container.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.container.spec.MachineSpec;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.BootConfig;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NamedDevice;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.PublishedPort;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.StitchedDiskConfig;
import io.javisor.machine.config.VsockConfig;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.Places;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import io.javisor.oci.store.RootFiles;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestMachineTest {
    private static final GuestSize SIZE = new GuestSize(256L << 20, 2);
    private static final RootFiles ROOT =
            new RootFiles(Path.of("/images/meta"), List.of(Path.of("/images/one"), Path.of("/images/two")));

    @TempDir
    private Path directory = Path.of("");

    private ContainerSetup setup(Specs specs, boolean removeAtEnd) {
        Registry registry =
                new Registry(new Places(directory.resolve("state"), directory.resolve("run")), InstantSource.system());
        MachineEntry entry = registry.createContainer("box", "{}", RestartPolicy.NO, removeAtEnd);
        return new ContainerSetup(
                entry,
                specs.spec(),
                ROOT,
                new GuestFiles(Path.of("/guest/vmlinuz"), Path.of("/guest/container.cpio"), Path.of("/kernels")),
                directory);
    }

    private static List<String> ids(MachineConfig config) {
        return config.devices().stream().map(NamedDevice::id).toList();
    }

    private static <T> T only(MachineConfig config, Class<T> type) {
        List<T> all = config.virtio().stream()
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
        assertEquals(1, all.size(), all.toString());
        return all.getFirst();
    }

    @Test
    void allThatAContainerNeedsIsThere() {
        ContainerSetup setup = setup(Specs.running("true"), false);
        MachineConfig config = GuestMachine.config(setup, SIZE, true);
        assertEquals("box", config.name());
        assertEquals(Accel.AUTO, config.accel());
        assertEquals(2, config.cpus().count());
        assertEquals(256L << 20, config.memory().sizeBytes());
        assertEquals(false, config.restartOnReset());
        assertEquals(List.of(new SerialSink.Log(setup.entry().consoleLog())), config.serial());
        assertEquals(List.of("image0", "disk0", "vsock0", "rng0", "balloon0"), ids(config));
        assertEquals(
                new StitchedDiskConfig(
                        List.of(Path.of("/images/meta"), Path.of("/images/one"), Path.of("/images/two")), "image"),
                only(config, StitchedDiskConfig.class));
        assertEquals(
                new DiskConfig(setup.entry().writableDisk(), false, CacheMode.WRITEBACK, "upper", 1, 0, 0),
                only(config, DiskConfig.class));
        assertEquals(new VsockConfig(3, setup.entry().vsockSocket()), only(config, VsockConfig.class));
        assertEquals(true, only(config, BalloonConfig.class).freePageReporting());
    }

    @Test
    void theKernelStartsTheAgentAndEndsWithAPanic() {
        BootConfig.KernelBoot boot =
                (BootConfig.KernelBoot) GuestMachine.config(setup(Specs.running("true"), false), SIZE, true)
                        .boot();
        assertEquals(Path.of("/guest/vmlinuz"), boot.kernel());
        assertEquals(Path.of("/guest/container.cpio"), boot.options().initrd());
        assertEquals(Path.of("/kernels"), boot.cache());
        assertEquals(
                "console=ttyS0 quiet panic=-1 reboot=k cryptomgr.notests",
                boot.options().commandLine());
    }

    @Test
    void ofWhatIsRemovedAtItsEndNoWriteIsWaitedFor() {
        MachineConfig config = GuestMachine.config(setup(Specs.running("true"), true), SIZE, true);
        assertEquals(CacheMode.UNSAFE, only(config, DiskConfig.class).cache());
    }

    @Test
    void whereNothingCanBeWrittenThereIsNoDiskForIt() {
        MachineConfig config = GuestMachine.config(setup(Specs.running("true").readOnly(), false), SIZE, true);
        assertEquals(List.of("image0", "vsock0", "rng0", "balloon0"), ids(config));
    }

    @Test
    void aNetworkIsACardWithThePublishedPorts() {
        PublishedPort port = PublishedPort.parse("127.0.0.1:8080:80");
        ContainerSetup setup = setup(Specs.running("true").networked(port), false);
        NetConfig.User.Place place = new NetConfig.User.Place("10.0.2.15", 24, "10.0.2.2");
        assertEquals(
                new NetConfig(new NetConfig.User(List.of(port), false, place), null),
                only(GuestMachine.config(setup, SIZE, true), NetConfig.class));
        assertEquals(
                List.of("image0", "disk0", "vsock0", "rng0", "balloon0"),
                ids(GuestMachine.config(setup, SIZE, false)),
                "passt is not there");
    }

    @Test
    void whatItsUserSaysOfTheMachineIsTaken() {
        Specs specs = Specs.running("true").machine(new MachineSpec(0, 0, "software", null));
        assertEquals(
                Accel.SOFTWARE,
                GuestMachine.config(setup(specs, false), SIZE, true).accel());
    }

    @Test
    void tooLittleMemoryIsRefused() {
        ConfigException refused = assertThrows(
                ConfigException.class,
                () -> GuestMachine.config(setup(Specs.running("true"), false), new GuestSize(1 << 20, 1), true));
        assertEquals("memory of 1M is too little; a machine needs at least 2M", refused.getMessage());
    }
}
