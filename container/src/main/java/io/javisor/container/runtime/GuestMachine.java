package io.javisor.container.runtime;

import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.NetworkSpec;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.BootConfig;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.StitchedDiskConfig;
import io.javisor.machine.config.VsockConfig;
import io.javisor.oci.store.RootFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The machine that a container runs in, as its specification has it. */
final class GuestMachine {
    /** The image's disk, by its serial number. */
    static final String IMAGE = "image";

    /** The disk for what is written, by its serial number. */
    static final String UPPER = "upper";

    /** Where a container is in its network, which passt(1) answers for. */
    static final NetConfig.User.Place PLACE = new NetConfig.User.Place("10.0.2.15", 24, "10.0.2.2");

    /** A console for last words; nothing else is said. A panic ends the machine at once. */
    static final String COMMAND_LINE = "console=ttyS0 quiet panic=-1 reboot=k cryptomgr.notests";

    private static final long GUEST_CID = 3;

    private GuestMachine() {}

    /** @param networked whether it has a network card, if its specification wants one */
    static MachineConfig config(ContainerSetup setup, GuestSize size, boolean networked) {
        ContainerSpec spec = setup.spec();
        GuestFiles guest = setup.guest();
        KernelOptions options = KernelOptions.DEFAULT.withInitrd(guest.initrd()).withCommandLine(COMMAND_LINE);
        MachineConfig.Builder builder = MachineConfig.builder(
                        new BootConfig.KernelBoot(guest.kernel(), options, guest.kernelCache()))
                .name(setup.entry().name())
                .accel(accel(spec))
                .cpus(size.cpus())
                .memoryBytes(size.memoryBytes())
                .serial(List.of(new SerialSink.Log(setup.entry().consoleLog())))
                .restartOnReset(false)
                .add(new StitchedDiskConfig(files(setup.root()), IMAGE));
        if (setup.hasWritableDisk()) {
            builder = builder.add(upper(setup));
        }
        builder = builder.add(new VsockConfig(GUEST_CID, setup.entry().vsockSocket()))
                .add(RngConfig.UNLIMITED)
                .add(BalloonConfig.DEFAULT);
        return isNetworked(spec) && networked
                ? builder.add(new NetConfig(new NetConfig.User(spec.network().published(), false, PLACE), null))
                        .build()
                : builder.build();
    }

    static boolean isNetworked(ContainerSpec spec) {
        return spec.network().kind() == NetworkSpec.Kind.USER;
    }

    static Accel accel(ContainerSpec spec) {
        String accel = spec.machine().accel();
        return accel == null ? Accel.AUTO : Accel.parse(accel);
    }

    /** Of what nobody can see after a crash no write is waited for. */
    private static DiskConfig upper(ContainerSetup setup) {
        CacheMode cache = setup.isLasting() ? CacheMode.WRITEBACK : CacheMode.UNSAFE;
        return new DiskConfig(setup.entry().writableDisk(), false, cache, UPPER, 1, 0, 0);
    }

    private static List<Path> files(RootFiles root) {
        List<Path> files = new ArrayList<>();
        files.add(root.metadata());
        files.addAll(root.layers());
        return files;
    }
}
