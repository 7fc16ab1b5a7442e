package io.javisor.cli.config;

import io.javisor.machine.BootDisk;
import io.javisor.machine.ConfigException;
import io.javisor.machine.DiskConfig;
import io.javisor.machine.MachineConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one source, or several laid over each other, say of a machine; silent of what is not set. The one place where a machine's settings become
 * a {@link MachineConfig}. Immutable; any thread.
 */
public final class MachineSettings {
    /** What says nothing. */
    public static final MachineSettings SILENT = new MachineSettings(Map.of());

    /** For the default guest: each character that is printed, and each self-test of a cipher, makes its start longer. */
    private static final String GUEST_COMMAND_LINE = MachineConfig.DEFAULT_COMMAND_LINE + " quiet cryptomgr.notests";

    /** It has its root on the first disk, whole, as {@code guest/make-rootfs} makes it. */
    private static final String ROOT = " root=/dev/vda rw";

    private final Map<Setting<?>, Object> values;

    private MachineSettings(Map<Setting<?>, Object> values) {
        this.values = values;
    }

    /** What is said of a setting; null for nothing. */
    @SuppressWarnings("unchecked") // with() took it as such
    public <T> @Nullable T get(Setting<T> setting) {
        return (T) values.get(setting);
    }

    /** The same, and of {@code setting} this value; null for nothing. */
    public <T> MachineSettings with(Setting<T> setting, @Nullable T value) {
        Map<Setting<?>, Object> all = new HashMap<>(values);
        if (value == null) {
            all.remove(setting);
        } else {
            all.put(setting, value);
        }
        return new MachineSettings(all);
    }

    /** These settings, and where they are silent those of {@code below}. A list replaces the whole list below it. */
    public MachineSettings over(MachineSettings below) {
        Map<Setting<?>, Object> all = new HashMap<>(below.values);
        all.putAll(values);
        return new MachineSettings(all);
    }

    /** Null for what the kernel has by itself. */
    private @Nullable String commandLine(boolean ownKernel) {
        if (ownKernel) {
            return null;
        }
        List<DiskConfig> disks = get(Settings.DISKS);
        boolean rootOnDisk = get(Settings.INITRD) == null && disks != null && !disks.isEmpty();
        return rootOnDisk ? GUEST_COMMAND_LINE + ROOT : GUEST_COMMAND_LINE;
    }

    /** The first disk, if there is no other kernel and it has partitions. */
    private @Nullable Path bootDisk() {
        List<DiskConfig> disks = get(Settings.DISKS);
        if (get(Settings.KERNEL) != null || disks == null || disks.isEmpty()) {
            return null;
        }
        DiskConfig first = disks.getFirst();
        return BootDisk.isPartitioned(first) ? first.path() : null;
    }

    /**
     * The machine's configuration, with the machine's defaults for what is not set. Without a kernel its path is empty, to be
     * filled in by {@link MachineConfig#withKernel}.
     *
     * @throws io.javisor.machine.ConfigException naming the first setting that is out of range
     */
    public MachineConfig toConfig() {
        Path bootDisk = bootDisk();
        boolean ownKernel = get(Settings.KERNEL) != null || bootDisk != null;
        if (!ownKernel && Boolean.FALSE.equals(get(Settings.ACPI))) {
            throw new ConfigException(
                    "the default guest's kernel needs ACPI: leave --acpi off out, or give a kernel that does without"
                            + " with --kernel");
        }
        MachineConfig.Builder builder = MachineConfig.builder(bootDisk == null ? Path.of("") : bootDisk)
                .kernelOnDisk(bootDisk != null)
                .commandLine(commandLine(ownKernel));
        for (Setting<?> setting : Settings.all()) {
            land(setting, builder);
        }
        return builder.build();
    }

    private <T> void land(Setting<T> setting, MachineConfig.Builder builder) {
        T value = get(setting);
        if (value != null) {
            setting.land(builder, value);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MachineSettings settings && values.equals(settings.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
