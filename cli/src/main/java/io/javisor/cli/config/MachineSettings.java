package io.javisor.cli.config;

import io.javisor.machine.config.BootConfig;
import io.javisor.machine.config.BootConfig.DiskKernelBoot;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.BootDisk;
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
    private static final String GUEST_COMMAND_LINE = KernelOptions.DEFAULT_COMMAND_LINE + " quiet cryptomgr.notests";

    /** It has its root on the first disk, whole, as {@code guest/make-rootfs} makes it. */
    private static final String ROOT_DEVICE = " root=/dev/vda ";

    private static final String ROOT = ROOT_DEVICE + "rw";

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

    /** The disks, in their order. */
    public List<DiskConfig> disks() {
        List<DiskConfig> disks = get(Settings.DISKS);
        return disks == null ? List.of() : disks;
    }

    /** Whether what is on the first disk decides what boots. */
    public boolean bootsFirstDisk() {
        return get(Settings.KERNEL) == null && !disks().isEmpty();
    }

    /**
     * What boots, without what else is said of it; null for the default guest.
     *
     * @param first the first disk as it was found; null if there is none, or if it does not boot
     * @throws ConfigException if the default guest's root would be on a disk that can't have it
     */
    public @Nullable BootConfig boot(@Nullable BootDisk first) {
        Path kernel = get(Settings.KERNEL);
        if (kernel != null) {
            return KernelBoot.of(kernel);
        }
        if (first == null) {
            return null;
        }
        if (first.partitioned()) {
            return DiskKernelBoot.DEFAULT;
        }
        String given = get(Settings.COMMAND_LINE);
        if (get(Settings.INITRD) == null && (given == null || (" " + given + " ").contains(ROOT_DEVICE))) {
            first.requireRoot();
        }
        return null;
    }

    /**
     * The default guest, for machines of which {@link #boot} says nothing.
     *
     * @throws ConfigException if it can't run as is said
     */
    public KernelBoot defaultGuest(Path kernel, Path initrd) {
        if (Boolean.FALSE.equals(get(Settings.ACPI))) {
            throw new ConfigException(
                    "the default guest's kernel needs ACPI: leave --acpi off out, or give a kernel that does without"
                            + " with --kernel");
        }
        boolean rootOnDisk = get(Settings.INITRD) == null && !disks().isEmpty();
        KernelOptions options = KernelOptions.DEFAULT
                .withInitrd(initrd) // also with a disk as root, whose driver it has
                .withCommandLine(rootOnDisk ? GUEST_COMMAND_LINE + ROOT : GUEST_COMMAND_LINE);
        return KernelBoot.of(kernel).with(options);
    }

    /**
     * The configuration of a machine that boots this, with what is said of it and the machine's defaults for all else.
     *
     * @throws ConfigException naming the first setting that is out of range
     */
    public MachineConfig toConfig(BootConfig boot) {
        MachineConfig.Builder builder = MachineConfig.builder(boot);
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
