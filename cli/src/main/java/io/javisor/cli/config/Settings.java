package io.javisor.cli.config;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.CloudInitConfig;
import io.javisor.machine.config.CpusConfig;
import io.javisor.machine.config.DebugConfig;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.GdbConfig;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MachineTables;
import io.javisor.machine.config.MemoryConfig;
import io.javisor.machine.config.MemorySize;
import io.javisor.machine.config.ModuleConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.PublishedPort;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.TraceConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The table of all settings. Options, plain arguments, the configuration file's reader, writer and schema, and the table in
 * {@code docs/config.md} are made of it. Virtio devices land in the order of this table, which is that in which a guest finds them: disks first,
 * so that it numbers them from the first slot on.
 */
public final class Settings {
    private static final List<Setting<?>> TABLE = new ArrayList<>();

    /** The size of a {@link MemorySize}, in a schema's pattern. */
    private static final String SIZE_PATTERN = "[0-9]{1,18}(\\\\.[0-9]{1,9})?[KMGTkmgt]([Ii]?[Bb])?";

    public static final Setting<String> NAME = add(Setting.text("name", "--name", "NAME")
            .help("The machine's name.")
            .values("letters, digits, `_ . -`, at most 64")
            .byDefault("\"javisor\"")
            .schema("\"pattern\": \"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$\"")
            .checked(MachineConfig::requireName)
            .lands(MachineConfig.Builder::name));

    public static final Setting<Path> KERNEL = add(Setting.path("kernel", "--kernel")
            .help("A Linux kernel, as a bzImage (vmlinuz) or uncompressed, another ELF image, or any Multiboot kernel.")
            .byDefaultSaid("javisor's default guest, which is made the first time")); // lands by MachineSettings.boot

    public static final Setting<Path> INITRD = add(Setting.path("initrd", "--initrd")
            .help("The initial RAM disk; the first module of a Multiboot kernel.")
            .byDefaultSaid("none; the default guest's with its kernel")
            .lands(MachineConfig.Builder::kernelOptions, KernelOptions::withInitrd));

    public static final Setting<List<ModuleConfig>> MODULES = add(Setting.list(
                    "modules", "--module", "FILE[,args=TEXT]", ModuleConfig::parse)
            .help("A module for a Multiboot kernel, once for each. TEXT is what the kernel is told after its path.")
            .byDefault("[]")
            .schema("\"items\": {\"type\": \"string\", \"minLength\": 1},"
                    + " \"examples\": [[\"init.bin\", \"fs.img,args=root ro\"]]")
            .paths((module, place) -> module.at(place.apply(module.path())))
            .lands(MachineConfig.Builder::kernelOptions, KernelOptions::withModules));

    public static final Setting<String> COMMAND_LINE = add(Setting.text("commandLine", "--cmdline", "STRING")
            .help("The kernel's parameters; with quiet cryptomgr.notests for the default guest. What the machine and"
                    + " the host need is added, but for a Multiboot kernel.")
            .values("string")
            .byDefault('"' + KernelOptions.DEFAULT_COMMAND_LINE + '"')
            .lands(MachineConfig.Builder::kernelOptions, KernelOptions::withCommandLine));

    public static final Setting<Accel> ACCEL = add(Setting.text(
                    "accel", "--accel", "auto|kvm|software[,translate=on|off|check][,perf-map=on|off]", Accel::parse)
            .help("By what the machine runs. auto: KVM by the processor's VT-x or AMD-V; kvm: any KVM that works,"
                    + " also one by software; software: an engine that needs none, and is slower; with"
                    + " translate=off instruction by instruction, with translate=check compared with that, with"
                    + " perf-map=on known to the host's perf.")
            .values("`\"auto\"`, `\"kvm\"`, `\"software\"`, `\"software,translate=on\"`, `\"software,translate=off\"`,"
                    + " `\"software,translate=check\"`, `\"software,perf-map=on\"`, `\"software,perf-map=off\"`")
            .byDefault("\"auto\"")
            .environment("JAVISOR_ACCEL")
            .schema("\"enum\": [\"auto\", \"kvm\", \"software\", \"software,translate=off\","
                    + " \"software,translate=on\", \"software,translate=check\","
                    + " \"software,perf-map=on\", \"software,perf-map=off\"]")
            .lands(MachineConfig.Builder::accel)
            .shown(MachineConfig::accel));

    public static final Setting<Long> MEMORY = add(Setting.text("memory", "--memory", "SIZE", MemorySize::parse)
            .orShort("-m")
            .help("RAM, for example 512M or 2G, with a unit of K, M, G or T in powers of 1024; a multiple of 4K.")
            .values("string with a unit")
            .byDefault("\"512M\"")
            .schema("\"pattern\": \"^" + SIZE_PATTERN + "$\", \"examples\": [\"128M\", \"2G\", \"1.5GiB\"]")
            .written(MemorySize::format)
            .checked(MemoryConfig::requireSize)
            .lands(MachineConfig.Builder::memory, MemoryConfig::withSizeBytes));

    public static final Setting<MemoryBackingConfig> MEMORY_BACKING =
            add(Setting.text("memoryBacking", "--memory-backing", "KIND[,OPTION...]", MemoryBackingConfig::parse)
                    .help("What the host backs the RAM with: " + MemoryBackingConfig.SYNTAX + ".")
                    .byDefault("\"anon\"")
                    .schema("\"pattern\": \"^(anon|memfd|hugetlb)(,(thp|ksm|prefault)(=(on|off))?)*$\","
                            + " \"examples\": [\"memfd,prefault=on\", \"hugetlb\"]")
                    .lands(MachineConfig.Builder::memory, MemoryConfig::withBacking));

    public static final Setting<Integer> CPUS = add(Setting.number("cpus", "--cpus")
            .orShort("-c")
            .help("Virtual CPUs, 1 to " + CpusConfig.MAX_COUNT + ".")
            .values("1 to " + CpusConfig.MAX_COUNT)
            .byDefault("1")
            .schema("\"minimum\": 1, \"maximum\": " + CpusConfig.MAX_COUNT)
            .checked(CpusConfig::requireCount)
            .lands(MachineConfig.Builder::cpus, CpusConfig::withCount));

    public static final Setting<CpuConfig> CPU = add(Setting.text(
                    "cpu", "--cpu", "TEMPLATE[,±FEATURE...]", CpuConfig::parse)
            .help("What the CPUs can do. Templates: host, x86-64-v2, x86-64-v3. Features as in /proc/cpuinfo, for"
                    + " example host,-avx2.")
            .byDefault("\"host\"")
            .schema("\"pattern\": \"^((host|x86-64-v2|x86-64-v3)(,[+-][A-Za-z0-9_.-]+)*"
                    + "|[+-][A-Za-z0-9_.-]+(,[+-][A-Za-z0-9_.-]+)*)$\", \"examples\": [\"host,-avx2\", \"x86-64-v3\"]")
            .lands(MachineConfig.Builder::cpus, CpusConfig::withFeatures));

    public static final Setting<BootProtocolChoice> BOOT_PROTOCOL = add(Setting.text(
                    "bootProtocol", "--boot-protocol", "NAME", BootProtocolChoice::parse)
            .help("How the kernel is entered: auto (by the image), linux64, pvh, multiboot, or by a"
                    + " bzImage's own entry: bzimage (the best that it has), bzimage64, bzimage32, bzimage16.")
            .values("`\"auto\"`, `\"linux64\"`, `\"pvh\"`, `\"multiboot\"`, `\"bzimage\"`, `\"bzimage64\"`,"
                    + " `\"bzimage32\"`, `\"bzimage16\"`")
            .byDefault("\"auto\"")
            .schema("\"enum\": [\"auto\", \"linux64\", \"pvh\", \"multiboot\", \"bzimage\", \"bzimage64\","
                    + " \"bzimage32\", \"bzimage16\"]")
            .readInFile(BootProtocolChoice::parseExactly)
            .lands(MachineConfig.Builder::kernelOptions, (options, choice) -> options.withProtocol(choice.protocol())));

    public static final Setting<Boolean> KASLR = add(Setting.ofSwitch("kaslr", "--kaslr")
            .help("Move the kernel of a bzImage to random addresses.")
            .byDefault("false")
            .lands(MachineConfig.Builder::kernelOptions, KernelOptions::withKaslr)
            .shown(config -> config.boot().options().kaslr()));

    public static final Setting<Boolean> ACPI = add(Setting.onOff("acpi", "--acpi")
            .help("Describe the machine by ACPI tables, or by an MP table and the command line.")
            .byDefaultSaid("on; the default guest needs it")
            .lands((builder, acpi) -> builder.tables(acpi ? MachineTables.ACPI : MachineTables.MP)));

    public static final Setting<List<SerialSink>> SERIAL =
            add(Setting.list("serial", "--serial", "SINK", SerialSink::parse)
                    .help("Where a serial port ends: " + SerialSink.SYNTAX
                            + ". Once for each of COM1 to COM4. A file is emptied first, and"
                            + " becomes PATH.1 at each 64M, or max=SIZE, or max=none for never; 'javisor"
                            + " console PATH' attaches to a socket.")
                    .values("list of at most " + MachineConfig.MAX_SERIAL_PORTS + " strings, as the option's")
                    .byDefault("[\"stdio\"]")
                    .schema("\"items\": {\"type\": \"string\", \"pattern\": \"^(stdio|pty|null|file:.+|socket:.+)$\"},"
                            + " \"maxItems\": " + MachineConfig.MAX_SERIAL_PORTS
                            + ", \"contains\": {\"const\": \"stdio\"}, \"minContains\": 0, \"maxContains\": 1,"
                            + " \"examples\": [[\"stdio\", \"file:com2.log\"], [\"socket:com1.sock\"]]")
                    .paths(Settings::elsewhere)
                    .checked(SerialSink::requireTogether)
                    .lands(MachineConfig.Builder::serial));

    public static final Setting<List<DiskConfig>> DISKS =
            add(Setting.list("disks", "--disk", "FILE[,OPTION...]", DiskConfig::parse)
                    .help("A disk: a raw image or a block device. Once for each: /dev/vda, /dev/vdb and so on."
                            + " Options: readonly, cache=writeback|writethrough|none|unsafe, serial=TEXT,"
                            + " queues=N, iops=N, bandwidth=SIZE (a second). Without --kernel the first one boots:"
                            + " with its own kernel if it has partitions, else as the root of the default"
                            + " guest's.")
                    .byDefault("[]")
                    .schema("\"items\": {\"type\": \"string\", \"minLength\": 1},"
                            + " \"examples\": [[\"debian.ext4\", \"data.img,readonly,cache=none\"]]")
                    .paths((disk, place) -> disk.at(place.apply(disk.path())))
                    .lands((builder, disks) -> disks.forEach(builder::add)));

    public static final Setting<Path> CLOUD_INIT = add(Setting.path("cloudInit", "--cloud-init")
            .help("Add a seed disk with this user-data for cloud-init in the guest (NoCloud), after the other disks.")
            .schema("\"minLength\": 1, \"examples\": [\"user-data\"]")
            .lands((builder, userData) -> builder.add(new CloudInitConfig(userData))));

    public static final Setting<List<NetConfig>> NET = add(Setting.list(
                    "net", "--net", "tap|user[,OPTION...]", NetConfig::parse)
            .help("A network card, once for each. On a tap of the host's; options: ifname=NAME, bridge=NAME,"
                    + " queues=N, mtu=N, mac=ADDRESS. Or on the host's own network, without root, by passt;"
                    + " options: publish="
                    + PublishedPort.SYNTAX + " (once for each; on all addresses of the host if none is named),"
                    + " host-loopback=on (the guest may reach what listens on the"
                    + " host's loopback interface), mac=ADDRESS.")
            .byDefault("[]")
            .schema("\"items\": {\"type\": \"string\", \"pattern\": \"^(tap|user)(,.+)?$\"},"
                    + " \"examples\": [[\"user,publish=8080:80\"], [\"tap,ifname=tap0\", \"tap,bridge=br0,queues=2\"]]")
            .lands((builder, cards) -> cards.forEach(builder::add)));

    public static final Setting<RngChoice> RNG = add(Setting.text("rng", "--rng", "on|off|rate=SIZE", RngChoice::parse)
            .help("A virtio source of random bytes, for example rate=1K for at most so many a second.")
            .values("`\"on\"`, `\"off\"` or `\"rate=SIZE\"`")
            .byDefault("\"off\"")
            .schema("\"pattern\": \"^(on|off|rate=" + SIZE_PATTERN + ")$\", \"examples\": [\"on\", \"rate=64K\"]")
            .lands((builder, choice) -> choice.devices().forEach(builder::add)));

    public static final Setting<BalloonChoice> BALLOON = add(Setting.text(
                    "balloon", "--balloon", "on|off[,OPTION...]", BalloonChoice::parse)
            .help("A virtio memory balloon, through which the guest gives memory back to the host. Options: size=SIZE"
                    + " (asked for at once), free-page-reporting=off (the guest tells of what it does not use),"
                    + " deflate-on-oom=off (it may take memory back when it has no other), stats=SECONDS (it tells"
                    + " of its memory so often).")
            .values("`\"off\"`, `\"on\"` or with options, as `\"on,size=64M\"`")
            .byDefault("\"off\"")
            .schema("\"pattern\": \"^(off|(on|size|free-page-reporting|deflate-on-oom|stats)([,=].+)?)$\","
                    + " \"examples\": [\"on\", \"on,size=64M,stats=1\"]")
            .lands((builder, choice) -> choice.devices().forEach(builder::add)));

    public static final Setting<VsockChoice> VSOCK = add(Setting.text(
                    "vsock", "--vsock", "cid=N,path=FILE|off", VsockChoice::parse)
            .help("Virtio sockets between programs of the guest and the host, by Unix sockets: who connects to FILE and"
                    + " writes 'CONNECT PORT' reaches that port of the guest's; what the guest connects to on the"
                    + " host (CID 2) goes to FILE_PORT. N is the guest's context id, 3 or more.")
            .values("`\"off\"` or `\"cid=N,path=FILE\"`")
            .byDefault("\"off\"")
            .schema("\"pattern\": \"^(off|(cid|path)=.+,(cid|path)=.+)$\", \"examples\": [\"cid=3,path=vsock.sock\"]")
            .paths(VsockChoice::at)
            .lands((builder, choice) -> choice.devices().forEach(builder::add)));

    public static final Setting<TraceConfig> TRACE =
            add(Setting.text("trace", "--trace", "FILE[,range=FIRST..LAST]", TraceConfig::parse)
                    .help("Write down every instruction of the guest, with its disassembly and what it changes, or"
                            + " those in a range of linear addresses: 0x1000..0x1fff or 0x1000+0x200. Needs the"
                            + " software engine, and is slow.")
                    .schema("\"minLength\": 1, \"examples\": [\"trace.txt,range=0xffffffff81000000+0x1000\"]")
                    .paths((trace, place) -> trace.at(place.apply(trace.path())))
                    .lands(MachineConfig.Builder::debug, DebugConfig::withTrace)
                    .shown(config -> config.debug().trace()));

    public static final Setting<Boolean> REBOOT = add(Setting.ofSwitch("reboot", "--reboot")
            .help("Start the guest again when it resets, or end then.")
            .byDefault("true")
            .lands(MachineConfig.Builder::restartOnReset)
            .shown(MachineConfig::restartOnReset));

    public static final Setting<GdbConfig> GDB = add(Setting.text(
                    "gdb", "--gdb", "unix:PATH|tcp:PORT[,wait]", GdbConfig::parse)
            .help("Let GDB debug the guest, on a Unix socket or on a port of 127.0.0.1; wait: hold the guest before its"
                    + " first instruction until GDB lets it go on.")
            .byDefaultSaid("none")
            .schema("\"pattern\": \"^(unix:.+|tcp:((127\\\\.0\\\\.0\\\\.1|localhost):)?[0-9]{1,5}(,wait)?)$\","
                    + " \"examples\": [\"unix:gdb.sock\", \"tcp:1234,wait\"]")
            .paths(GdbConfig::at)
            .lands(MachineConfig.Builder::debug, DebugConfig::withGdb));

    private static final List<Setting<?>> ALL = Collections.unmodifiableList(TABLE);

    private Settings() {}

    private static <T> Setting<T> add(Setting.Builder<T, ?> builder) {
        Setting<T> setting = builder.build();
        TABLE.add(setting);
        return setting;
    }

    /** In the order of help texts and documents. */
    public static List<Setting<?>> all() {
        return ALL;
    }

    /** The setting of an option by any of its names, that of a switch without "no-"; null if there is none. */
    public static @Nullable Setting<?> byOption(String name) {
        for (Setting<?> setting : ALL) {
            if (setting.options().contains(name)) {
                return setting;
            }
        }
        return null;
    }

    /** The options that have a value, by all their names. */
    public static Set<String> valuedOptions() {
        Set<String> names = new HashSet<>(List.of("--config", "--log-level", "--log-file", "--log-format"));
        for (Setting<?> setting : ALL) {
            if (setting.form() != Setting.Form.SWITCH) {
                names.addAll(setting.options());
            }
        }
        return names;
    }

    /** The setting that a configuration file calls so; null if there is none. */
    static @Nullable Setting<?> byKey(String key) {
        for (Setting<?> setting : ALL) {
            if (setting.key().equals(key)) {
                return setting;
            }
        }
        return null;
    }

    private static SerialSink elsewhere(SerialSink sink, UnaryOperator<Path> place) {
        return switch (sink) {
            case SerialSink.ToFile file -> file.at(place.apply(file.path()));
            case SerialSink.Socket(Path path) -> new SerialSink.Socket(place.apply(path));
            default -> sink;
        };
    }
}
