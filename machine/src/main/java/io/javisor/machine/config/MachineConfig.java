package io.javisor.machine.config;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.log.RotatedFile;
import io.javisor.core.memory.MemoryBackingConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
 * @param tables how the guest is told of the machine
 * @param memoryBytes RAM: a multiple of 4 KiB, at least {@link #MIN_MEMORY_BYTES}
 * @param memoryBacking what the host backs it with
 * @param cpus virtual CPUs, 1 to {@link #MAX_CPUS}
 * @param cpu template and features of each
 * @param serial where the serial ports end, COM1 first; at most {@link #MAX_SERIAL_PORTS}, at most one of them on stdio
 * @param devices the virtio devices, in the order in which a guest finds them
 * @param trace what is written down of the guest's instructions, or null for nothing
 * @param restartOnReset whether a reset by the guest starts it again, instead of ending the machine
 * @param gdb where a debugger may connect, or null
 */
public record MachineConfig(
        String name,
        Accel accel,
        BootConfig boot,
        MachineTables tables,
        long memoryBytes,
        MemoryBackingConfig memoryBacking,
        int cpus,
        CpuConfig cpu,
        List<SerialSink> serial,
        List<NamedDevice> devices,
        @Nullable TraceConfig trace,
        boolean restartOnReset,
        @Nullable GdbConfig gdb) {

    public static final long DEFAULT_MEMORY_BYTES = 512L << 20;
    public static final long MIN_MEMORY_BYTES = 2L << 20;

    /** xAPIC ids are bytes, of which 255 is the broadcast and one is the I/O APIC's. */
    public static final int MAX_CPUS = 254;

    /** A PC has the places and interrupts of four, and operating systems look for no more. */
    public static final int MAX_SERIAL_PORTS = 4;

    /** As many as there are interrupts for them. */
    public static final int MAX_VIRTIO_DEVICES = 16;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

    public MachineConfig {
        requireName(name);
        requireMemoryBytes(memoryBytes);
        requireCpus(cpus);
        serial = List.copyOf(serial);
        requireSerial(serial);
        devices = List.copyOf(devices);
        requireRoom(devices.size());
        NamedDevice.requireDistinct(devices);
        NetConfig.requireDistinct(name, devices);
        requireBootDisk(boot, devices);
        requireFit(memoryBytes, devices);
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

    private static void requireFit(long memoryBytes, List<NamedDevice> devices) {
        Set<String> once = new HashSet<>();
        for (NamedDevice device : devices) {
            device.config().requireFits(memoryBytes);
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

    /** Throws a {@link ConfigException} unless a machine can have that much RAM. */
    public static void requireMemoryBytes(long memoryBytes) {
        if (memoryBytes < MIN_MEMORY_BYTES) {
            throw new ConfigException("memory of " + MemorySize.format(memoryBytes)
                    + " is too little; a machine needs at least " + MemorySize.format(MIN_MEMORY_BYTES));
        }
        if (memoryBytes % MemorySize.PAGE_SIZE != 0) {
            throw new ConfigException("memory of " + memoryBytes + " bytes is not a multiple of 4K");
        }
    }

    /** Throws a {@link ConfigException} unless a machine can have that many virtual CPUs. */
    public static void requireCpus(int cpus) {
        if (cpus < 1 || cpus > MAX_CPUS) {
            throw new ConfigException("cpus must be 1 to " + MAX_CPUS + ", not " + cpus
                    + (cpus < 1 ? "" : ": interrupts are addressed by 8-bit APIC ids"));
        }
    }

    /** Throws a {@link ConfigException} unless the serial ports are few enough and don't share an end. */
    public static void requireSerial(List<SerialSink> serial) {
        if (serial.size() > MAX_SERIAL_PORTS) {
            throw new ConfigException(serial.size() + " serial ports are too many: a PC has COM1 to COM"
                    + MAX_SERIAL_PORTS + ", and no operating system looks for others");
        }
        List<SerialSink> sinks =
                serial.stream().flatMap(port -> port.each().stream()).toList();
        Map<Object, SerialSink> taken = new HashMap<>();
        for (SerialSink sink : sinks) {
            @Nullable
            Object place =
                    switch (sink) {
                        case SerialSink.Stdio _ -> sink;
                        case SerialSink.ToFile file -> place(file.path());
                        case SerialSink.Socket(Path path) -> place(path);
                        case SerialSink.Log(Path path) -> place(path);
                        case SerialSink.Pty _, SerialSink.Null _, SerialSink.Shared _ -> null;
                    };
            if (place != null && taken.putIfAbsent(place, sink) != null) {
                throw new ConfigException("two serial ports can't both be on " + sink + "; each needs its own");
            }
        }
        for (SerialSink sink : sinks) {
            if (sink instanceof SerialSink.ToFile(Path path, long maxBytes)
                    && maxBytes != SerialSink.ToFile.UNLIMITED) {
                SerialSink other = taken.get(RotatedFile.older(place(path)));
                if (other != null) {
                    throw new ConfigException("serial port " + sink + " becomes " + RotatedFile.older(path)
                            + " when it is full, where " + other + " is; give another path, or max=none");
                }
            }
        }
    }

    private static Path place(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** Whether the guest is told of the machine by ACPI's tables, be it alone or not. */
    public boolean acpi() {
        return tables.acpi();
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
        return new Builder(boot)
                .name(name)
                .accel(accel)
                .tables(tables)
                .memoryBytes(memoryBytes)
                .memoryBacking(memoryBacking)
                .cpus(cpus)
                .cpu(cpu)
                .serial(serial)
                .devices(devices)
                .trace(trace)
                .restartOnReset(restartOnReset)
                .gdb(gdb);
    }

    /** Starts from the defaults: 512 MiB, one CPU, the host's template. */
    public static Builder builder(BootConfig boot) {
        return new Builder(boot);
    }

    /** As {@link #builder(BootConfig)}, with a kernel in a file of its own. */
    public static Builder builder(Path kernel) {
        return builder(BootConfig.KernelBoot.of(kernel));
    }

    /** Collects the parts of a configuration; not for use by several threads. */
    public static final class Builder {
        private BootConfig boot;
        private String name = "javisor";
        private Accel accel = Accel.AUTO;
        private MachineTables tables = MachineTables.ACPI;
        private long memoryBytes = DEFAULT_MEMORY_BYTES;
        private MemoryBackingConfig memoryBacking = MemoryBackingConfig.DEFAULT;
        private int cpus = 1;
        private CpuConfig cpu = CpuConfig.DEFAULT;
        private List<SerialSink> serial = List.of(new SerialSink.Stdio());
        private List<NamedDevice> devices = List.of();
        private @Nullable TraceConfig trace;
        private boolean restartOnReset = true;
        private @Nullable GdbConfig gdb;

        private Builder(BootConfig boot) {
            this.boot = boot;
        }

        public Builder boot(BootConfig value) {
            boot = value;
            return this;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder accel(Accel value) {
            accel = value;
            return this;
        }

        /** Changes what the kernel is started with. */
        public Builder kernelOptions(UnaryOperator<KernelOptions> change) {
            boot = boot.with(change.apply(boot.options()));
            return this;
        }

        /** As {@link KernelOptions#initrd} has it. */
        public Builder initrd(@Nullable Path value) {
            return kernelOptions(options -> options.withInitrd(value));
        }

        /** As {@link KernelOptions#commandLine} has it. */
        public Builder commandLine(@Nullable String value) {
            return kernelOptions(options -> options.withCommandLine(value));
        }

        /** {@link MachineTables#ACPI}, or {@link MachineTables#MP}. */
        public Builder acpi(boolean value) {
            return tables(value ? MachineTables.ACPI : MachineTables.MP);
        }

        public Builder tables(MachineTables value) {
            tables = value;
            return this;
        }

        public Builder memoryBytes(long value) {
            memoryBytes = value;
            return this;
        }

        public Builder memoryBacking(MemoryBackingConfig value) {
            memoryBacking = value;
            return this;
        }

        public Builder cpus(int value) {
            cpus = value;
            return this;
        }

        public Builder cpu(CpuConfig value) {
            cpu = value;
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

        public Builder trace(@Nullable TraceConfig value) {
            trace = value;
            return this;
        }

        public Builder restartOnReset(boolean value) {
            restartOnReset = value;
            return this;
        }

        public Builder gdb(@Nullable GdbConfig value) {
            gdb = value;
            return this;
        }

        /**
         * Checks all parts together.
         *
         * @throws ConfigException naming the first that is out of range
         */
        public MachineConfig build() {
            return new MachineConfig(
                    name,
                    accel,
                    boot,
                    tables,
                    memoryBytes,
                    memoryBacking,
                    cpus,
                    cpu,
                    serial,
                    devices,
                    trace,
                    restartOnReset,
                    gdb);
        }
    }
}
