package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.JsonFields;
import io.javisor.devices.virtio.net.MacAddress;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MachineTables;
import io.javisor.machine.config.MemoryConfig;
import io.javisor.machine.config.NamedDevice;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.VirtioDeviceConfig;
import io.javisor.machine.config.VsockConfig;
import io.javisor.machine.plan.MachinePlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a machine is to be, said bit by bit before it starts. Not for use by several threads at once. */
final class VmResources {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_]{1,64}");

    private static final String ENTROPY = "rng0";
    private static final String VSOCK = "vsock0";

    private @Nullable BootSource bootSource;
    private MachineSize size = MachineSize.DEFAULT;
    private final Map<String, Drive> drives = new LinkedHashMap<>();
    private final Map<String, NetworkInterface> cards = new LinkedHashMap<>();
    private @Nullable RateLimit entropy;
    private @Nullable Balloon balloon;
    private @Nullable Vsock vsock;
    // The machine's ids of its devices; a drive and a card may have one id here.
    private final Map<String, String> driveDevices = new HashMap<>();
    private final Map<String, String> cardDevices = new HashMap<>();
    private String entropyDevice = ENTROPY;
    private String vsockDevice = VSOCK;

    /** Those of a machine that was made otherwise, as far as this API has words for them; disks and cards by javisor's ids. */
    static VmResources of(MachinePlan plan) {
        MachineConfig config = plan.config();
        VmResources resources = new VmResources();
        resources.bootSource =
                new BootSource(config.kernelFile(), config.boot().options().initrd(), plan.commandLine());
        resources.size = MachineSize.of(config);
        for (NamedDevice device : config.devices()) {
            String id = device.id();
            switch (device.config()) {
                case DiskConfig disk -> {
                    resources.driveDevices.put(id, id);
                    resources.drives.put(id, Drive.of(id, disk));
                }
                case NetConfig(NetConfig.Tap tap, MacAddress mac) -> {
                    resources.cardDevices.put(id, id);
                    resources.cards.put(
                            id,
                            new NetworkInterface(
                                    id, tap.interfaceName() == null ? "" : tap.interfaceName(), mac, tap.mtu()));
                }
                case BalloonConfig of -> resources.balloon = Balloon.of(of);
                case RngConfig rng -> {
                    resources.entropyDevice = id;
                    resources.entropy = RateLimit.of(0, rng.bytesPerSecond());
                }
                case VsockConfig sockets -> {
                    resources.vsockDevice = id;
                    resources.vsock = new Vsock(sockets);
                }
                default -> {}
            }
        }
        return resources;
    }

    void putBootSource(JsonFields fields) {
        bootSource = BootSource.read(fields);
    }

    void putMachineConfig(JsonFields fields) {
        size = MachineSize.read(fields);
    }

    void patchMachineConfig(JsonFields fields) {
        size = size.changed(fields);
    }

    MachineSize size() {
        return size;
    }

    /** @param id of the request's path, or null where there is none */
    void putDrive(@Nullable String id, JsonFields fields) {
        Drive drive = Drive.read(fields);
        requireId("drive_id", drive.id(), id);
        for (Drive other : drives.values()) {
            if (drive.root() && other.root() && !other.id().equals(drive.id())) {
                throw Fault.badRequest("drive " + other.id() + " is the root device already");
            }
        }
        drives.put(drive.id(), drive);
    }

    /** @param id of the request's path, or null where there is none */
    void putNetworkInterface(@Nullable String id, JsonFields fields) {
        NetworkInterface card = NetworkInterface.read(fields);
        requireId("iface_id", card.id(), id);
        for (NetworkInterface other : cards.values()) {
            if (!other.id().equals(card.id())) {
                if (other.tap().equals(card.tap())) {
                    throw Fault.badRequest("network interface " + other.id() + " is on " + card.tap() + " already");
                }
                if (card.mac() != null && Objects.equals(other.mac(), card.mac())) {
                    throw Fault.badRequest(
                            "network interface " + other.id() + " has the address " + card.mac() + " already");
                }
            }
        }
        cards.put(card.id(), card);
    }

    static void requireId(String field, String id, @Nullable String inPath) {
        if (!ID.matcher(id).matches()) {
            throw Fault.badRequest("\"" + field + "\" must be of 1 to 64 letters, digits and underscores");
        }
        if (inPath != null && !inPath.equals(id)) {
            throw Fault.badRequest("\"" + field + "\" is " + id + ", but the path says otherwise");
        }
    }

    void putEntropy(JsonFields fields) {
        RateLimit limit = RateLimit.read(fields.object("rate_limiter"));
        fields.end();
        if (limit.operationsPerSecond() != 0) {
            throw Fault.badRequest("\"ops\" is not supported: the entropy device has a limit of bytes only");
        }
        entropy = limit;
    }

    void putVsock(JsonFields fields) {
        vsock = Vsock.read(fields);
    }

    /** Whether there is one. */
    boolean hasVsock() {
        return vsock != null;
    }

    /** The machine's id of the vsock device, once there is a machine that has it. */
    String vsockDevice() {
        return vsockDevice;
    }

    void putBalloon(JsonFields fields) {
        balloon = Balloon.read(fields);
    }

    /** What is asked for by now. */
    void changeBalloon(Balloon changed) {
        balloon = changed;
    }

    /** @throws Fault with status 400 if there is none */
    Balloon requireBalloon() {
        Balloon present = balloon;
        if (present == null) {
            throw Fault.badRequest("there is no balloon");
        }
        return present;
    }

    /** In the guest's order: its root is its first disk, so that it is /dev/vda. */
    List<Drive> drives() {
        List<Drive> ordered = new ArrayList<>(drives.values());
        ordered.sort((a, b) -> Boolean.compare(b.root(), a.root()));
        return ordered;
    }

    /** In the guest's order. */
    List<NetworkInterface> cards() {
        return List.copyOf(cards.values());
    }

    /** Whether there is one. */
    boolean hasEntropy() {
        return entropy != null;
    }

    /**
     * All of it.
     *
     * @throws Fault with status 400 if there is nothing to boot
     * @throws io.javisor.machine.config.ConfigException if the parts don't go together
     */
    MachineConfig toConfig(String name) {
        BootSource source = bootSource;
        if (source == null) {
            throw Fault.badRequest("there is nothing to boot: PUT /boot-source first");
        }
        List<NamedDevice> devices = new ArrayList<>();
        driveDevices.clear();
        cardDevices.clear();
        for (Drive drive : drives()) {
            driveDevices.put(drive.id(), add(devices, drive.id(), drive.toDisk()));
        }
        for (NetworkInterface card : cards()) {
            cardDevices.put(card.id(), add(devices, card.id(), card.toNet()));
        }
        if (entropy != null) {
            entropyDevice = add(devices, ENTROPY, new RngConfig(entropy.bytesPerSecond()));
        }
        if (balloon != null) {
            String _ = add(devices, "balloon0", balloon.toConfig());
        }
        if (vsock != null) {
            vsockDevice = add(devices, VSOCK, vsock.config());
        }
        String commandLine = commandLine(source);
        return MachineConfig.builder(source.kernelImage())
                .name(name)
                .initrd(source.initrd())
                .commandLine(commandLine)
                // As Firecracker, whose kernels may be built without ACPI. One that is told so needs no more.
                .tables(
                        List.of(commandLine.split("\\s+")).contains("acpi=off")
                                ? MachineTables.MP
                                : MachineTables.ACPI_AND_MP)
                .memory(_ -> new MemoryConfig(size.memoryBytes(), size.backing()))
                .cpus(size.vcpus())
                .serial(List.of(new SerialSink.Stdio()))
                .devices(devices)
                .restartOnReset(false)
                .build();
    }

    /**
     * Adds a device by the id that its client has for it; where the machine has that already, with its kind before it.
     *
     * @return the machine's id of it
     */
    private static String add(List<NamedDevice> devices, String id, VirtioDeviceConfig config) {
        String free = id;
        while (!NamedDevice.isFree(free) || has(devices, free)) {
            free = config.kind() + "-" + free; // no client's id has a '-'
        }
        devices.add(new NamedDevice(free, config));
        return free;
    }

    private static boolean has(List<NamedDevice> devices, String id) {
        return devices.stream().anyMatch(device -> device.id().equals(id));
    }

    /** The machine's id of a drive, once there is a machine. */
    String deviceOfDrive(String driveId) {
        return driveDevices.getOrDefault(driveId, driveId);
    }

    /** The machine's id of a network interface, once there is a machine. */
    String deviceOfCard(String ifaceId) {
        return cardDevices.getOrDefault(ifaceId, ifaceId);
    }

    /** The machine's id of the entropy device, once there is a machine that has it. */
    String entropyDevice() {
        return entropyDevice;
    }

    /** The root goes before what is init's (kernel-parameters.rst: all after a double dash). */
    private String commandLine(BootSource source) {
        String own = source.bootArgs() == null
                ? KernelOptions.DEFAULT_COMMAND_LINE
                : source.bootArgs().strip();
        List<String> words = new ArrayList<>(List.of(own.split("\\s+(?=--(\\s|$))", 2)));
        drives().stream().filter(Drive::root).map(Drive::rootParameters).forEach(root -> words.add(1, root));
        return String.join(" ", words).strip();
    }

    /** Firecracker's {@code FullVmConfiguration}, of what there is. */
    Map<String, @Nullable Object> view() {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("boot-source", bootSource == null ? null : bootSource.view());
        view.put("machine-config", size.view());
        view.put("drives", drives().stream().map(Drive::view).toList());
        view.put(
                "network-interfaces",
                cards().stream().map(NetworkInterface::view).toList());
        Map<String, @Nullable Object> limiter = new LinkedHashMap<>();
        limiter.put("rate_limiter", entropy == null ? null : entropy.view());
        view.put("entropy", entropy == null ? null : limiter);
        view.put("balloon", balloon == null ? null : balloon.view());
        view.put("vsock", vsock == null ? null : vsock.view());
        return view;
    }
}
