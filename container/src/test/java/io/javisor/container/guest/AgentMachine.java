package io.javisor.container.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.javisor.agent.Agent;
import io.javisor.agent.AgentListener;
import io.javisor.agent.AgentProcess;
import io.javisor.agent.ProcessExit;
import io.javisor.agent.ProcessFields;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.BootConfig;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.VsockConfig;
import io.javisor.machine.host.Console;
import io.javisor.testkit.junit.AgentFiles;
import io.javisor.testkit.junit.HostTool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A machine with the default guest's kernel, the agent as process 1, and a root file system of busybox on a disk. */
public final class AgentMachine implements AutoCloseable {
    /** A machine of the software engine on a loaded host. */
    static final Duration LIMIT = Duration.ofMinutes(3);

    private static final Path GUEST = Path.of("../guest").toAbsolutePath().normalize();
    private static final long MEMORY = 256L << 20;
    private static final long UPPER_SIZE = 64L << 20;
    private static final long CID = 3;

    /** What all machines of a test start from. */
    public record Boot(Path kernel, Path initrd, Path image) {}

    /** What a process said, and how it ended. */
    record Said(ProcessExit exit, String out, String err) {}

    private final Path console;
    private final AgentListener listener;
    private final Machine machine;
    private final Agent agent;

    private AgentMachine(Path console, AgentListener listener, Machine machine, Agent agent) {
        this.console = console;
        this.listener = listener;
        this.machine = machine;
        this.agent = agent;
    }

    /** The guest as the scripts make it, and an image. */
    public static Boot files(Path directory) throws IOException {
        HostTool.require("mkfs.erofs", "erofs-utils");
        HostTool.require("mke2fs", "e2fsprogs");
        HostTool.require("musl-gcc", "musl-tools");
        HostTool.require("busybox", "busybox-static");
        Path guest = made("make-guest");
        Path agent = made("make-agent");
        Path initrd = directory.resolve("container.cpio");
        Files.write(initrd, Files.readAllBytes(guest.resolve("container-modules.cpio")));
        Files.write(initrd, Files.readAllBytes(agent.resolve("agent.cpio")), StandardOpenOption.APPEND);
        Path image = directory.resolve("image.erofs");
        Path root = AgentFiles.makeRoot(directory);
        String _ = HostTool.run(directory, "", "mkfs.erofs", "--all-root", image.toString(), root.toString());
        return new Boot(guest.resolve("vmlinuz"), initrd, image);
    }

    /** The directory that a script of the guest's makes, which takes a download the first time. */
    private static Path made(String script) throws IOException {
        Process process = new ProcessBuilder(GUEST.resolve(script).toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            assertEquals(0, process.waitFor(), said);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return Path.of(said);
    }

    /** An empty disk for what is written. */
    static Path upper(Path directory) throws IOException {
        Path upper = directory.resolve("upper.ext4");
        try (RandomAccessFile file = new RandomAccessFile(upper.toFile(), "rw")) {
            file.setLength(UPPER_SIZE);
        }
        String _ = HostTool.run(directory, "", "mke2fs", "-q", "-t", "ext4", upper.toString());
        return upper;
    }

    /** Boots it, and waits for its agent. */
    static AgentMachine boot(Boot files, Path directory, @Nullable Path upper, @Nullable NetConfig net)
            throws Exception {
        Path console = directory.resolve("console.log");
        Path socket = directory.resolve("vsock");
        MachineConfig.Builder config = MachineConfig.builder(new BootConfig.KernelBoot(
                        files.kernel(),
                        KernelOptions.DEFAULT
                                .withInitrd(files.initrd())
                                .withCommandLine("console=ttyS0 quiet panic=-1 reboot=k cryptomgr.notests"),
                        null))
                .name("agent")
                .accel(Accel.AUTO)
                .cpus(1)
                .memoryBytes(MEMORY)
                .serial(List.of(new SerialSink.ToFile(console)))
                .restartOnReset(false)
                .add(new DiskConfig(files.image(), true, CacheMode.WRITEBACK, "image", 1, 0, 0))
                .add(new VsockConfig(CID, socket))
                .add(RngConfig.UNLIMITED)
                .add(BalloonConfig.DEFAULT);
        if (upper != null) {
            config = config.add(new DiskConfig(upper, false, CacheMode.WRITEBACK, "upper", 1, 0, 0));
        }
        if (net != null) {
            config = config.add(net);
        }
        AgentListener listener = AgentListener.open(socket);
        Machine machine = Machine.create(config.build(), Console.standard());
        machine.start();
        try {
            return new AgentMachine(console, listener, machine, listener.accept(LIMIT));
        } catch (RuntimeException e) {
            machine.close();
            listener.close();
            throw new AssertionError(Files.exists(console) ? Files.readString(console) : "nothing was said", e);
        }
    }

    static ProcessFields.Builder command(String... arguments) {
        ProcessFields.Builder fields = ProcessFields.builder();
        for (String argument : arguments) {
            fields.argument(argument);
        }
        return fields;
    }

    static ProcessFields.Builder shell(String script) {
        return command("sh", "-c", script);
    }

    Agent agent() {
        return agent;
    }

    Said exec(ProcessFields.Builder fields) throws Exception {
        AgentProcess process = agent.exec(fields.build());
        process.input().shutdownOutput();
        Said said = said(process);
        process.acknowledge();
        return said;
    }

    /** What it says until its end, of which the agent is not told that it is known. */
    static Said said(AgentProcess process) throws Exception {
        CompletableFuture<String> out =
                CompletableFuture.supplyAsync(() -> all(process.output()), Thread::startVirtualThread);
        String err = all(process.errors());
        return new Said(get(process.exit()), get(out), err);
    }

    static <T> T get(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] bytes(SocketChannel channel) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try {
            while (channel.read(buffer) >= 0) {
                bytes.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static String all(SocketChannel channel) {
        return new String(bytes(channel), StandardCharsets.UTF_8);
    }

    String console() throws IOException {
        return Files.readString(console);
    }

    /** The agent has nothing more to say, and the machine switches itself off. */
    void awaitPowerOff() throws Exception {
        boolean down = agent.awaitDown(LIMIT);
        agent.close();
        Outcome outcome = machine.await(LIMIT.toMillis());
        assertNotNull(outcome, "it does not end");
        assertEquals(new Outcome.PowerOff(), outcome, this::words);
        assertEquals(true, down, this::words);
    }

    String words() {
        try {
            return console();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public void close() {
        agent.close();
        machine.close();
        listener.close();
    }
}
