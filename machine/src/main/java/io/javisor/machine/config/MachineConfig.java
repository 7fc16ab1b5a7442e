package io.javisor.machine.config;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a machine is to be: validated, immutable, without anything opened. Made by {@link #builder}.
 *
 * @param name prefix of the threads' names: letters, digits, {@code _ . -}, at most 64
 * @param accel by what it runs
 * @param boot what it starts
 * @param cpus its processors
 * @param memory its RAM
 * @param tables how the guest is told of the machine
 * @param serial where the serial ports end, COM1 first; at most {@link #MAX_SERIAL_PORTS}, at most one of them on stdio
 * @param devices the virtio devices, in the order in which a guest finds them
 * @param debug how the guest may be looked into
 * @param restartOnReset whether a reset by the guest starts it again, instead of ending the machine
 */
public record MachineConfig(
        String name,
        Accel accel,
        BootConfig boot,
        CpusConfig cpus,
        MemoryConfig memory,
        MachineTables tables,
        List<SerialSink> serial,
        List<NamedDevice> devices,
        DebugConfig debug,
        boolean restartOnReset) {

    /** A PC has the places and interrupts of four, and operating systems look for no more. */
    public static final int MAX_SERIAL_PORTS = 4;

    /** As many as there are interrupts for them. */
    public static final int MAX_VIRTIO_DEVICES = 16;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

    public MachineConfig {
        requireName(name);
        serial = List.copyOf(serial);
        SerialSink.requireTogether(serial);
        devices = List.copyOf(devices);
        requireRoom(devices.size());
        NamedDevice.requireDistinct(devices);
        NetConfig.requireDistinct(name, devices);
        requireBootDisk(boot, devices);
        requireFit(memory, devices);
    }

    private static void requireRoom(int virtioDevices) {
        if (virtioDevices > MAX_VIRTIO_DEVICES) {
            throw new ConfigException(virtioDevices + " virtio devices are too many: a machine has interrupts for "
                    + MAX_VIRTIO_DEVICES + "; leave some out");
        }
    }

    private static void requireBootDisk(BootConfig boot, List<NamedDevice> devices) {
        if (boot instanceof BootConfig.DiskKernelBoot && disks(devices).isEmpty()) {
            throw new ConfigException("there is no disk to boot from; add one, or give a kernel");
        }
    }

    private static void requireFit(MemoryConfig memory, List<NamedDevice> devices) {
        Set<String> once = new HashSet<>();
        for (NamedDevice device : devices) {
            device.config().requireFits(memory.sizeBytes());
            if (device.config().isSingle() && !once.add(device.config().kind())) {
                throw new ConfigException("a machine has one " + device.config().kind() + " at most");
            }
        }
    }

    private static List<DiskConfig> disks(List<NamedDevice> devices) {
        return devices.stream()
                .map(NamedDevice::config)
                .filter(DiskConfig.class::isInstance)
                .map(DiskConfig.class::cast)
                .toList();
    }

    /** Those of the virtio devices that are disks, in their order. */
    public List<DiskConfig> disks() {
        return disks(devices);
    }

    /** The virtio devices without their ids. */
    public List<VirtioDeviceConfig> virtio() {
        return devices.stream().map(NamedDevice::config).toList();
    }

    /** Throws a {@link ConfigException} unless {@code name} can be a machine's. */
    public static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new ConfigException("'" + name
                    + "' is not a machine name; use letters, digits, '_', '.' and '-', at most 64, a letter or"
                    + " digit first");
        }
    }

    /** The file that has the kernel, for people: the kernel's own, or the first disk. */
    public Path kernelFile() {
        return switch (boot) {
            case BootConfig.KernelBoot kernel -> kernel.kernel();
            case BootConfig.DiskKernelBoot _ -> disks().getFirst().path();
        };
    }

    /** Starts from this configuration. */
    public Builder toBuilder() {
        Builder builder = new Builder(boot);
        builder.name = name;
        builder.accel = accel;
        builder.cpus = cpus;
        builder.memory = memory;
        builder.tables = tables;
        builder.serial = serial;
        builder.devices = devices;
        builder.debug = debug;
        builder.restartOnReset = restartOnReset;
        return builder;
    }

    /** Starts from the defaults: 512 MiB, one CPU, the host's template. */
    public static Builder builder(BootConfig boot) {
        return new Builder(boot);
    }

    /** As {@link #builder(BootConfig)}, with a kernel in a file of its own. */
    public static Builder builder(Path kernel) {
        return builder(BootConfig.KernelBoot.of(kernel));
    }

    /**
     * Collects the parts of a configuration; not for use by several threads. Each part is as {@link MachineConfig} has it. What changes a group
     * throws a {@link ConfigException} if the group is out of range then.
     */
    public static final class Builder {
        private String name = "javisor";
        private Accel accel = Accel.AUTO;
        private BootConfig boot;
        private CpusConfig cpus = CpusConfig.DEFAULT;
        private MemoryConfig memory = MemoryConfig.DEFAULT;
        private MachineTables tables = MachineTables.ACPI;
        private List<SerialSink> serial = List.of(new SerialSink.Stdio());
        private List<NamedDevice> devices = List.of();
        private DebugConfig debug = DebugConfig.DEFAULT;
        private boolean restartOnReset = true;

        private Builder(BootConfig boot) {
            this.boot = boot;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder accel(Accel value) {
            accel = value;
            return this;
        }

        public Builder boot(BootConfig value) {
            boot = value;
            return this;
        }

        /** Changes what the kernel is started with. */
        public Builder kernelOptions(UnaryOperator<KernelOptions> change) {
            boot = boot.with(change.apply(boot.options()));
            return this;
        }

        /** Changes the kernel's parameters only. */
        public Builder commandLine(@Nullable String value) {
            return kernelOptions(options -> options.withCommandLine(value));
        }

        /** Changes the initial RAM disk only. */
        public Builder initrd(@Nullable Path value) {
            return kernelOptions(options -> options.withInitrd(value));
        }

        /** Changes the processors. */
        public Builder cpus(UnaryOperator<CpusConfig> change) {
            cpus = change.apply(cpus);
            return this;
        }

        /** Changes how many processors there are. */
        public Builder cpus(int count) {
            return cpus(present -> present.withCount(count));
        }

        /** Changes the RAM. */
        public Builder memory(UnaryOperator<MemoryConfig> change) {
            memory = change.apply(memory);
            return this;
        }

        /** Changes how much RAM there is. */
        public Builder memoryBytes(long value) {
            return memory(present -> present.withSizeBytes(value));
        }

        public Builder tables(MachineTables value) {
            tables = value;
            return this;
        }

        public Builder serial(List<SerialSink> value) {
            serial = value;
            return this;
        }

        public Builder devices(List<NamedDevice> value) {
            devices = value;
            return this;
        }

        /** These devices and no other, each with the first free id of its kind. */
        public Builder virtio(List<VirtioDeviceConfig> value) {
            devices = List.of();
            value.forEach(this::add);
            return this;
        }

        /** Adds a device after those that are there, with the first free id of its kind. */
        public Builder add(VirtioDeviceConfig device) {
            devices = NamedDevice.with(devices, device);
            return this;
        }

        /** Changes how the guest may be looked into. */
        public Builder debug(UnaryOperator<DebugConfig> change) {
            debug = change.apply(debug);
            return this;
        }

        public Builder restartOnReset(boolean value) {
            restartOnReset = value;
            return this;
        }

        /**
         * Checks all parts together.
         *
         * @throws ConfigException naming the first that is out of range
         */
        public MachineConfig build() {
            return new MachineConfig(name, accel, boot, cpus, memory, tables, serial, devices, debug, restartOnReset);
        }
    }
}
