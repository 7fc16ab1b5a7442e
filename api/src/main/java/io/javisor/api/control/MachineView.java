package io.javisor.api.control;

import io.javisor.machine.Machine;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NamedDevice;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.PublishedPort;
import io.javisor.machine.config.StitchedDiskConfig;
import io.javisor.machine.config.VsockConfig;
import io.javisor.machine.wiring.BalloonView;
import io.javisor.machine.wiring.SerialPortStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a machine is, as {@code GET /javisor/v1/machine} tells it: {@code docs/schema/machine.schema.json}.
 *
 * @param state {@code created}, {@code running}, {@code paused} or {@code stopped}
 * @param accel as {@code --accel} takes it; null before it is built
 * @param engine what it runs by, {@code kvm}; null before it is built
 * @param acpi whether it has a power button
 * @param startedAt when the guest was let run, in UTC; null before
 * @param uptimeMillis since then, 0 before
 * @param commandLine the kernel's whole one
 * @param balloon null if there is none, or the machine has ended
 * @param vsock null if there is none
 */
record MachineView(
        String name,
        String state,
        long pid,
        @Nullable String accel,
        @Nullable String engine,
        int cpus,
        long memoryBytes,
        boolean acpi,
        @Nullable String startedAt,
        long uptimeMillis,
        @Nullable String kernel,
        @Nullable String commandLine,
        List<Disk> disks,
        List<Net> nets,
        List<SerialPort> serialPorts,
        @Nullable Balloon balloon,
        @Nullable Vsock vsock) {

    /** @param path of the image on the host; of one in several files the first */
    record Disk(String id, String path, boolean readOnly) {}

    /**
     * A network card.
     *
     * @param attachment as {@code --net} takes it
     * @param published ports of the host, with the address that each is bound to; 0.0.0.0 is all of them
     */
    record Net(String id, String attachment, List<String> published) {}

    /** What the guest is asked to give back of its memory, and what it says that it has given. */
    record Balloon(long targetBytes, long actualBytes) {}

    /**
     * Sockets between the guest and its host.
     *
     * @param path of the listening one on the host
     */
    record Vsock(String id, long guestCid, String path) {}

    /**
     * A serial port.
     *
     * @param sink as {@code --serial} takes it
     * @param terminal of a pty; else null
     */
    record SerialPort(String id, String sink, @Nullable String terminal) {}

    static MachineView of(MachineControl control) {
        Machine machine = control.machine();
        Instant started = control.startedAt();
        long pid = ProcessHandle.current().pid();
        String startedAt = started == null ? null : started.toString();
        long uptime = started == null
                ? 0
                : Math.max(0, Duration.between(started, Instant.now()).toMillis());
        if (machine == null) {
            return new MachineView(
                    control.name(),
                    "created",
                    pid,
                    null,
                    null,
                    0,
                    0,
                    false,
                    startedAt,
                    uptime,
                    null,
                    null,
                    List.of(),
                    List.of(),
                    List.of(),
                    null,
                    null);
        }
        MachineConfig config = machine.plan().config();
        return new MachineView(
                control.name(),
                state(machine),
                pid,
                config.accel().toString(),
                machine.engine(),
                config.cpus().count(),
                config.memory().sizeBytes(),
                config.tables().acpi(),
                startedAt,
                uptime,
                config.kernelFile().toString(),
                machine.plan().commandLine(),
                disks(machine),
                nets(machine),
                machine.serialPorts().stream().map(MachineView::port).toList(),
                balloon(machine),
                vsock(machine));
    }

    private static @Nullable Vsock vsock(Machine machine) {
        for (NamedDevice device : machine.plan().config().devices()) {
            if (device.config() instanceof VsockConfig vsock) {
                return new Vsock(device.id(), vsock.guestCid(), vsock.path().toString());
            }
        }
        return null;
    }

    private static @Nullable Balloon balloon(Machine machine) {
        BalloonView view = machine.balloon().view();
        return view == null ? null : new Balloon(view.targetBytes(), view.actualBytes());
    }

    static String state(Machine machine) {
        return machine.state().name().toLowerCase(Locale.ROOT);
    }

    private static SerialPort port(SerialPortStatus port) {
        return new SerialPort(port.id(), port.sink().toString(), port.terminal());
    }

    private static List<Disk> disks(Machine machine) {
        List<Disk> disks = new ArrayList<>();
        for (NamedDevice device : machine.plan().config().devices()) {
            switch (device.config()) {
                case DiskConfig disk ->
                    disks.add(new Disk(device.id(), disk.path().toString(), disk.readOnly()));
                case StitchedDiskConfig image ->
                    disks.add(new Disk(device.id(), image.files().getFirst().toString(), true));
                default -> {}
            }
        }
        return disks;
    }

    private static List<Net> nets(Machine machine) {
        List<Net> nets = new ArrayList<>();
        for (NamedDevice device : machine.plan().config().devices()) {
            if (device.config() instanceof NetConfig net) {
                List<String> published = net.attachment() instanceof NetConfig.User user
                        ? user.published().stream().map(PublishedPort::mapping).toList()
                        : List.of();
                nets.add(new Net(device.id(), net.toString(), published));
            }
        }
        return nets;
    }
}
