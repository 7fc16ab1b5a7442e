package io.javisor.machine.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A virtio device of a machine with its id, by which everything else names it: its placement, its files on the host, its counters, the control socket.
 *
 * @param id unique in the machine: 1 to 80 letters, digits, {@code _ . -}
 */
public record NamedDevice(String id, VirtioDeviceConfig config) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.-]{1,80}");

    /** Those of what a machine has whatever its configuration: serial ports that it may have, and buses, which count too. */
    public static final Set<String> FIXED_IDS = Set.of(
            "ports",
            "device-memory",
            "ioapic",
            "pic",
            "pit",
            "i8042",
            "post",
            "port92",
            "debug-exit",
            "rtc",
            "pvpanic",
            "acpi-pm",
            "reset-control",
            "com1",
            "com2",
            "com3",
            "com4");

    /** @throws ConfigException if the id is none */
    public NamedDevice {
        if (!ID.matcher(id).matches()) {
            throw new ConfigException(
                    "'" + id + "' can't be a device's id; use letters, digits, '_', '.' and '-', at most 80");
        }
    }

    /** Whether a machine can have a device with that id beside the ones that it always has. */
    public static boolean isFree(String id) {
        return !FIXED_IDS.contains(id);
    }

    /** Adds a device to {@code devices}: with the first free id of its kind, {@code disk0}, {@code disk1}, … */
    static List<NamedDevice> with(List<NamedDevice> devices, VirtioDeviceConfig added) {
        Set<String> taken = new HashSet<>();
        devices.forEach(device -> taken.add(device.id));
        int number = 0;
        while (taken.contains(added.kind() + number)) {
            number++;
        }
        List<NamedDevice> all = new ArrayList<>(devices);
        all.add(new NamedDevice(added.kind() + number, added));
        return all;
    }

    /** Throws a {@link ConfigException} if two of them have one id, or one has that of a device that every machine has. */
    static void requireDistinct(List<NamedDevice> devices) {
        Set<String> taken = new HashSet<>();
        for (NamedDevice device : devices) {
            if (!isFree(device.id) || !taken.add(device.id)) {
                throw new ConfigException(
                        "two devices can't both have the id '" + device.id + "'; give one of them another");
            }
        }
    }
}
