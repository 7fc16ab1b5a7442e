package io.javisor.cli.config;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.machine.BootDisk;
import io.javisor.machine.CloudInitConfig;
import io.javisor.machine.DiskConfig;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.NetConfig;
import io.javisor.machine.SerialSink;
import io.javisor.machine.VirtioDeviceConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one source, or several laid over each other, say of a machine; null where they are silent. The one place where a machine's
 * settings become a {@link MachineConfig}. Its components are what {@link MachineConfig} documents, but for:
 *
 * @param kernel null for the default guest
 * @param acpi null for on, but off for the default guest, whose kernel has none: decision 0004
 * @param serial replaces all ports of a source below
 * @param disks replaces all disks of a source below
 * @param cloudInit user-data of a seed disk, null for none
 * @param net network cards, which replace all of a source below
 * @param rng null for none
 * @param reboot whether the guest is started again when it resets
 */
public record MachineSettings(
        @Nullable String name,
        @Nullable Path kernel,
        @Nullable Path initrd,
        @Nullable String commandLine,
        @Nullable Long memoryBytes,
        @Nullable MemoryBackingConfig memoryBacking,
        @Nullable Integer cpus,
        @Nullable CpuConfig cpu,
        @Nullable BootProtocolChoice bootProtocol,
        @Nullable Boolean kaslr,
        @Nullable Boolean acpi,
        @Nullable List<SerialSink> serial,
        @Nullable List<DiskConfig> disks,
        @Nullable Path cloudInit,
        @Nullable List<NetConfig> net,
        @Nullable RngChoice rng,
        @Nullable Boolean reboot) {

    /** The default kernel has its root on the first disk, whole, as {@code guest/make-rootfs} makes it. */
    private static final String ROOT_COMMAND_LINE = MachineConfig.DEFAULT_COMMAND_LINE + " root=/dev/vda rw";

    public MachineSettings {
        serial = serial == null ? null : List.copyOf(serial);
        disks = disks == null ? null : List.copyOf(disks);
        net = net == null ? null : List.copyOf(net);
    }

    /** These settings, and where they are silent those of {@code below}. */
    public MachineSettings over(MachineSettings below) {
        return new MachineSettings(
                first(name, below.name),
                first(kernel, below.kernel),
                first(initrd, below.initrd),
                first(commandLine, below.commandLine),
                first(memoryBytes, below.memoryBytes),
                first(memoryBacking, below.memoryBacking),
                first(cpus, below.cpus),
                first(cpu, below.cpu),
                first(bootProtocol, below.bootProtocol),
                first(kaslr, below.kaslr),
                first(acpi, below.acpi),
                first(serial, below.serial),
                first(disks, below.disks),
                first(cloudInit, below.cloudInit),
                first(net, below.net),
                first(rng, below.rng),
                first(reboot, below.reboot));
    }

    /** Whether there is a disk, from which the default kernel boots. */
    public boolean hasDisk() {
        return disks != null && !disks.isEmpty();
    }

    /** The first disk, if there is no other kernel and it has partitions. */
    private @Nullable Path bootDisk() {
        if (kernel != null || disks == null || disks.isEmpty()) {
            return null;
        }
        DiskConfig first = disks.getFirst();
        return BootDisk.isPartitioned(first) ? first.path() : null;
    }

    private static Path firstPath(@Nullable Path above, @Nullable Path below) {
        return above != null ? above : below != null ? below : Path.of("");
    }

    /** Disks first, so that a guest numbers them from the first slot on. */
    private List<VirtioDeviceConfig> virtio() {
        List<VirtioDeviceConfig> devices = new ArrayList<>(disks == null ? List.of() : disks);
        if (cloudInit != null) {
            devices.add(new CloudInitConfig(cloudInit));
        }
        devices.addAll(net == null ? List.of() : net);
        if (rng != null) {
            devices.addAll(rng.devices());
        }
        return devices;
    }

    private static <T> @Nullable T first(@Nullable T above, @Nullable T below) {
        return above != null ? above : below;
    }

    /**
     * The machine's configuration, with the machine's defaults for what is not set. Without a kernel its path is empty, to be
     * filled in by {@link MachineConfig#withKernel}.
     *
     * @throws io.javisor.machine.ConfigException naming the first setting that is out of range
     */
    public MachineConfig toConfig() {
        Path bootDisk = bootDisk();
        boolean ownKernel = kernel != null || bootDisk != null;
        MachineConfig.Builder builder = MachineConfig.builder(firstPath(kernel, bootDisk))
                .kernelOnDisk(bootDisk != null)
                .initrd(initrd)
                .commandLine(
                        commandLine == null && hasDisk() && !ownKernel && initrd == null
                                ? ROOT_COMMAND_LINE
                                : commandLine)
                .bootProtocol(bootProtocol == null ? null : bootProtocol.protocol())
                .acpi(acpi == null ? ownKernel : acpi);
        if (name != null) {
            builder.name(name);
        }
        if (memoryBytes != null) {
            builder.memoryBytes(memoryBytes);
        }
        if (memoryBacking != null) {
            builder.memoryBacking(memoryBacking);
        }
        if (cpus != null) {
            builder.cpus(cpus);
        }
        if (cpu != null) {
            builder.cpu(cpu);
        }
        if (kaslr != null) {
            builder.kaslr(kaslr);
        }
        if (serial != null) {
            builder.serial(serial);
        }
        builder.virtio(virtio());
        if (reboot != null) {
            builder.restartOnReset(reboot);
        }
        return builder.build();
    }
}
